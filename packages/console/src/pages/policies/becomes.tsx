import { State } from '../../ui/chip.tsx'
import { STATE_OF, type DraftDiff, type RuleDiff } from './model.ts'
import styles from './panel.module.css'

const OPEN = { deny: 0, ask: 1, allow: 2 } as const

/** What a draft makes possible, then what it makes harder, then which rules it touches. */
export function Becomes({ widening, effects, diff }: Omit<DraftDiff, 'texts'>) {
  const opened = effects.filter(({ before, after }) => OPEN[after] > OPEN[before])
  const closed = effects.filter(({ before, after }) => OPEN[after] < OPEN[before])
  return (
    <div className={styles.becomes}>
      <section>
        <h3>What becomes allowed</h3>
        {widening.length === 0 ? (
          <p>Nothing. It tightens only, one proof is enough.</p>
        ) : (
          <ul>
            {widening.map((reason) => (
              <li key={reason} className={styles.bad}>
                <code>{reason}</code>
              </li>
            ))}
          </ul>
        )}
        <Effects effects={opened} />
      </section>
      {closed.length > 0 && (
        <section>
          <h3>What becomes asked or denied</h3>
          <Effects effects={closed} />
        </section>
      )}
      <Rules diff={diff} />
    </div>
  )
}

function Effects({ effects }: Pick<DraftDiff, 'effects'>) {
  return (
    <ul className={styles.effects}>
      {effects.slice(0, 40).map(({ tool, session, before, after }) => (
        <li key={`${tool} ${session}`}>
          <code>{tool}</code>
          <span>{session === 'clean' ? 'in a clean session' : 'after outside text'}</span>
          <span>
            <State name={STATE_OF[before]} quiet /> → <State name={STATE_OF[after]} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function Rules({ diff: { rulesAdded, rulesRemoved, rulesModified } }: { readonly diff: RuleDiff }) {
  const rows = [
    ['added', rulesAdded],
    ['removed', rulesRemoved],
    ['changed', rulesModified],
  ] as const
  if (rows.every(([, ids]) => ids.length === 0)) return <p>No rule changes.</p>
  return (
    <section>
      <h3>Rules</h3>
      <dl>
        {rows
          .filter(([, ids]) => ids.length > 0)
          .map(([word, ids]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>
                <code>{ids.join(', ')}</code>
              </dd>
            </div>
          ))}
      </dl>
    </section>
  )
}
