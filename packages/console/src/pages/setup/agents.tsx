import { useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Answered } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import styles from './page.module.css'

interface List {
  readonly agents: readonly { readonly name: string }[]
}

const COMMANDS = [
  ['In a sandbox, recommended', 'sallyport run -- claude'],
  ['Only its MCP servers', 'sallyport init'],
] as const

/** Which agents go through the gateway, and the two ways to bring one here. */
export function Agents({ onDone }: { readonly onDone: () => void }) {
  const list = useGet<List>('/api/v1/agents', {}, { topics: ['agents'], every: 5000 })
  return (
    <div className={styles.form}>
      <h1>Agents</h1>
      <p className={styles.lead}>
        An agent is protected when its calls come through here. Changing its configuration is done on its machine, where
        you see the difference first.
      </p>
      <ul className={styles.card}>
        {COMMANDS.map(([words, command]) => (
          <li key={command}>
            <span>
              <b>{words}</b>
              <code className={styles.command}>{command}</code>
            </span>
            <Copy text={command} label="Copy command" />
          </li>
        ))}
      </ul>
      <Answered of={list} failed="The agents could not be loaded." rows={2}>
        {({ agents }) =>
          agents.length === 0 ? (
            <p role="status">No agent is known yet. This list fills by itself.</p>
          ) : (
            <p role="status">
              Known:{' '}
              {agents.map(({ name }) => (
                <Value key={name} text={name} className={styles.agent} />
              ))}
            </p>
          )
        }
      </Answered>
      <div className={styles.acts}>
        <Button kind="ink" onClick={onDone}>
          Go on
        </Button>
      </div>
    </div>
  )
}
