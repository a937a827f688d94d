import { useState } from 'react'
import { post } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { useGet } from '../../api/query.ts'
import { isAdvisory, levelWord } from '../../shell/level.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import styles from './page.module.css'

interface Live {
  readonly version: string
  readonly files: readonly { readonly path: string }[]
}
interface Score {
  readonly score?: number
  readonly cap: number
}

/** Presets of the product, from loose to strict. */
const PRESETS = [
  ['open', 'Open', 'Tools that somebody described do what they do. What Sallyport always asks or denies stays so.'],
  ['balanced', 'Balanced', 'Everyday work goes on; what cannot be taken back, runs programs or touches many asks.'],
  ['locked-down', 'Locked down', 'Reads go on, every change asks, and what nobody classified is denied.'],
] as const

const PRESENCE = 'A passkey, for each approval'

/** What holds on this machine now, measured, and which preset shall hold: as a draft that is tested before it counts. */
export function Strict({ onBack, onDone }: { readonly onBack: () => void; readonly onDone: () => void }) {
  const live = useGet<Live>('/api/v1/policy/files')
  const health = useGet<Score>('/api/v1/health', {}, { every: 5000 })
  const { data: me } = useMe()
  const level = me?.gateway.level ?? ''
  return (
    <div className={styles.form}>
      <h1>How strict</h1>
      <p className={styles.lead}>What holds here now, as this gateway measured it.</p>
      <Facts
        facts={[
          { label: 'Agents are', value: levelWord(level), odd: isAdvisory(level) },
          {
            label: 'Rules are',
            value: me?.gateway.mode === 'shadow' ? 'watched only' : 'enforced',
            odd: me?.gateway.mode === 'shadow',
          },
          { label: 'You prove it by', value: PRESENCE },
          { label: 'Score', value: scoreOf(health.data), ...capOf(health.data) },
        ]}
      />
      {isAdvisory(level) && (
        <p>
          Agents that are started under your account could answer for you. <code>sallyport run</code> confines them, and
          the score says so.
        </p>
      )}
      <Answered of={live} failed="The policy in force could not be loaded." rows={4}>
        {(data) => <Presets live={data} onBack={onBack} onDone={onDone} />}
      </Answered>
    </div>
  )
}

const scoreOf = (health: Score | undefined): string =>
  health?.score === undefined ? 'not measured yet' : `${health.score} of 100`
const capOf = (health: Score | undefined): { readonly note?: string } =>
  health === undefined || health.cap >= 100 ? {} : { note: `at most ${health.cap} while findings are open` }

interface PresetsProps {
  readonly live: Live
  readonly onBack: () => void
  readonly onDone: () => void
}

function Presets({ live, onBack, onDone }: PresetsProps) {
  const inForce = PRESETS.find(([id]) => live.files.some(({ path }) => path === `preset:${id}.cedar`))?.[0] ?? ''
  const [chosen, setChosen] = useState<string>(inForce)
  const [draft, setDraft] = useState('')
  const act = useAct()
  const begin = async (): Promise<void> => {
    const made = await post<{ readonly id: string }>('/api/v1/policy/drafts', { preset: chosen })
    setDraft(made.id)
  }
  return (
    <>
      <fieldset className={styles.presets}>
        <legend>Which rules shall hold</legend>
        {PRESETS.map(([id, name, words]) => (
          <label key={id}>
            <input
              type="radio"
              name="preset"
              checked={chosen === id}
              onChange={() => {
                setChosen(id)
                setDraft('')
              }}
            />
            <span>
              <b>{name}</b>
              {id === inForce && ', in force'}
              <span className={styles.note}>{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {inForce === '' && <p className={styles.note}>In force now: {live.version}</p>}
      {draft !== '' && (
        <p role="status">
          <a href={`/policies/draft/${draft}?panel=diff`}>Draft {draft}</a> waits in Policies. Its tests run there, and
          you see what becomes allowed and what last week’s calls would have come to. It is in force when you publish
          it.
        </p>
      )}
      {act.problem !== undefined && <Failure what="No draft was begun." problem={act.problem} />}
      <div className={styles.acts}>
        <Button kind="quiet" onClick={onBack}>
          Back
        </Button>
        {chosen !== inForce && draft === '' ? (
          <>
            <Button onClick={onDone}>Leave it as it is</Button>
            <Button kind="ink" disabled={act.busy} onClick={() => act.run(begin)}>
              Make it a draft
            </Button>
          </>
        ) : (
          <Button kind="ink" onClick={onDone}>
            Go on
          </Button>
        )}
      </div>
    </>
  )
}
