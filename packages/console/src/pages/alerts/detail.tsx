import { Link } from '@tanstack/react-router'
import { serverNow } from '../../api/clock.ts'
import { Chip, RiskBars, type Tone } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Card } from '../../ui/screen.tsx'
import { Words } from '../../ui/words.tsx'
import { Cause } from './cause.tsx'
import { channelText, countText, eventText, personOf, timeText, type Alert, type Channel } from './model.ts'
import styles from './detail.module.css'

/** What went wrong, how often, who has it, and who was told. */
export function Detail({ alert }: { readonly alert: Alert }) {
  const now = serverNow()
  const channels = Object.entries(alert.channels)
  return (
    <div className={styles.column}>
      <header>
        <h2 className={styles.sentence}>
          <Words text={alert.sentence} />
        </h2>
        <p className={styles.meta}>
          <Severity severity={alert.severity} />
          <code>{alert.name}</code>
          {alert.silence !== '' && <Chip>Silenced, not told</Chip>}
        </p>
      </header>
      <Facts
        facts={[
          { label: 'How often', value: countText(alert), odd: alert.count >= 100 },
          { label: 'First', value: timeText(alert.first, now) },
          { label: 'Last', value: timeText(alert.last, now) },
          { label: 'Who has it', value: whoHas(alert), odd: alert.state === 'open' && alert.severity === 'critical' },
        ]}
      />
      <Cause alert={alert} />
      <Card title="Told" flush>
        {channels.length === 0 ? (
          <p className={styles.none}>{notTold(alert)}</p>
        ) : (
          <ul className={styles.lines}>
            {channels.map(([sink, channel]) => (
              <li key={sink} className={styles.lineRow}>
                <span>{sink}</span>
                <Chip tone={TONES[channel.state]}>{channelText(channel, now)}</Chip>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title="What happened since" flush>
        <ol className={styles.lines}>
          {alert.timeline.map(({ at, event, by, text }, index) => (
            <li key={`${at} ${index}`} className={styles.lineRow}>
              <span>
                <b>{eventText(event)}</b>
                {by !== undefined && ` by ${personOf(by)}`}
                {text !== undefined && (
                  <>
                    {': '}
                    <Words text={text} />
                  </>
                )}
              </span>
              <time className="num" dateTime={new Date(at).toISOString()}>
                {timeText(at, now)}
              </time>
            </li>
          ))}
        </ol>
      </Card>
      <p className={styles.foot}>
        {alert.session !== '' && alert.agent !== '' && <Link to={`/sessions/${alert.session}`}>Open the session</Link>}
        <Copy text={`sallyport alerts show ${alert.id}`} label="Copy command" kind="quiet" />
      </p>
    </div>
  )
}

const TONES: Readonly<Record<Channel['state'], Tone>> = {
  queued: 'grey',
  retrying: 'ask',
  sent: 'allow',
  dead: 'deny',
  dropped: 'deny',
}

function Severity({ severity }: Pick<Alert, 'severity'>) {
  return (
    <span className={styles.severity}>
      <RiskBars risk={severity} />
      {severity !== 'critical' && severity}
    </span>
  )
}

function whoHas({ state, holder, timeline }: Alert): string {
  if (state === 'resolved')
    return `Resolved by ${personOf(timeline.findLast(({ event }) => event === 'resolved')?.by ?? '')}`
  return holder === '' ? 'Nobody' : personOf(holder)
}

function notTold({ severity, silence }: Alert): string {
  if (silence !== '') return 'Silenced: it is counted, listed and in the log, and told to nobody.'
  return severity === 'low' || severity === 'medium'
    ? 'It is in the log and here. Channels hear of what is high or critical.'
    : 'It is in the log and here. No other channel is set up: alerts.sinks in the configuration.'
}
