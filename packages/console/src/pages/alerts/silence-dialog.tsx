import { useState } from 'react'
import { serverNow } from '../../api/clock.ts'
import { post, Problem } from '../../api/client.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Choice, TextField } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'
import { Words } from '../../ui/words.tsx'
import { MEMBERS, timeText, type Alert, type Matcher, type Row } from './model.ts'
import styles from './silence.module.css'

interface Preview {
  readonly alerts: number
  readonly count: number
  readonly items: readonly Row[]
}

const HOUR = 3_600_000
const LENGTHS = [
  ['1', '1 hour'],
  ['8', '8 hours'],
  ['24', '1 day'],
  ['168', '7 days'],
  ['720', '30 days'],
] as const

/** Keeps alerts like this one from being told for a while; shows first what that would have hidden. */
export function SilenceDialog({ alert, onClose }: { readonly alert: Alert; readonly onClose: () => void }) {
  const prove = useProve()
  const given = MEMBERS.filter(([member]) => alert[member] !== '')
  const [chosen, setChosen] = useState<readonly string[]>(given.map(([member]) => member))
  const [hours, setHours] = useState('8')
  const [reason, setReason] = useState('')
  const [state, setState] = useState<'ready' | 'busy' | Problem>('ready')
  const matcher: Matcher = Object.fromEntries(
    given.filter(([member]) => chosen.includes(member)).map(([member]) => [member, alert[member]]),
  )
  const isSomething = Object.keys(matcher).length > 0
  const preview = useGet<Preview>('/api/v1/silences/preview', matcher, { enabled: isSomething, keep: true })
  const silence = async (): Promise<void> => {
    const asked = { matcher, until: serverNow() + Number(hours) * HOUR - 1_000, reason: reason.trim() }
    const proof = await prove('alerts.silence', asked, {
      title: 'Silence these alerts?',
      sentence: `Until ${timeText(asked.until, serverNow())} they are counted and logged, and told to nobody.`,
      button: 'Silence with passkey',
    })
    if (proof === undefined) return
    setState('busy')
    try {
      await post('/api/v1/silences', { ...asked, proof })
      onClose()
      await Promise.all([refetch('/api/v1/silences'), refetch('/api/v1/alerts')])
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setState(thrown)
    }
  }
  return (
    <Sheet
      title="Silence alerts like this"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="ink"
            disabled={!isSomething || reason.trim().length < 3 || state === 'busy'}
            onClick={() => void silence()}
          >
            Silence…
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <p>They are still counted, listed and in the log. Critical alerts are told all the same.</p>
        <fieldset className={styles.members}>
          <legend>What exactly</legend>
          {given.map(([member, words]) => (
            <label key={member} className={styles.member}>
              <input
                type="checkbox"
                checked={chosen.includes(member)}
                onChange={() =>
                  setChosen(chosen.includes(member) ? chosen.filter((each) => each !== member) : [...chosen, member])
                }
              />
              <span>{words}</span>
              <Words text={alert[member]} />
            </label>
          ))}
        </fieldset>
        <Choice label="Until when" value={hours} onChange={setHours} options={LENGTHS} />
        <TextField
          label="Reason"
          note="Kept in the log with your name."
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        <Hidden isSomething={isSomething} preview={preview.data} now={serverNow()} />
        {state instanceof Problem && <Failure what="Nothing was silenced." problem={state} />}
      </div>
    </Sheet>
  )
}

function Hidden({ isSomething, preview, now }: { isSomething: boolean; preview: Preview | undefined; now: number }) {
  if (!isSomething) return <p role="status">Choose at least one: a silence for everything does not exist.</p>
  if (preview === undefined) return null
  if (preview.alerts === 0) return <p role="status">In the last 7 days it would have hidden nothing.</p>
  return (
    <div>
      <p role="status">
        In the last 7 days it would have hidden <b>{preview.alerts === 1 ? '1 alert' : `${preview.alerts} alerts`}</b>,{' '}
        {preview.count === 1 ? 'that happened once' : `that happened ${preview.count} times`}:
      </p>
      <ul className={styles.hidden}>
        {preview.items.slice(0, 5).map(({ id, sentence, last }) => (
          <li key={id}>
            <Words text={sentence} /> <span className="num">{timeText(last, now)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
