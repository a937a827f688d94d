import { Chip, State } from '../../ui/chip.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Card } from '../../ui/screen.tsx'
import { Empty } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { SOURCES, type Tool } from './model.ts'
import styles from '../../ui/detail.module.css'

/** Every tool with what it does, by whose word, and how far its results are trusted. */
export function ToolList({ tools }: { readonly tools: readonly Tool[] }) {
  if (tools.length === 0) return <Empty>The server was not asked for its tools yet.</Empty>
  return (
    <>
      {tools.map((tool) => (
        <ToolCard key={tool.id} tool={tool} />
      ))}
    </>
  )
}

function ToolCard({ tool }: { readonly tool: Tool }) {
  const { name, state, definition, annotation, hints, calls, elevated } = tool
  const { effect, groups, args, irreversible, persist, source, result } = annotation
  return (
    <Card
      title={<code>{name}</code>}
      aside={
        state === 'drifted' ? (
          <State name="held" />
        ) : state === 'pinned' ? (
          `${calls === 1 ? '1 call' : `${calls} calls`} in 30 days`
        ) : (
          <Chip tone="ask">{state}</Chip>
        )
      }
    >
      <dl className={styles.list}>
        <dt>Says of itself</dt>
        <dd>
          <Value text={definition.description ?? ''} foldAt={400} />
        </dd>
        <dt>Effect</dt>
        <dd className={styles.roles}>
          <Chip tone={source === 'unknown' ? 'ask' : 'grey'}>{effect}</Chip>
          {irreversible && <Chip tone="ask">irreversible</Chip>}
          {persist && <Chip tone="ask">persists</Chip>}
          {elevated && <Chip tone="ask">elevated</Chip>}
          <span className={source === 'unknown' ? styles.warn : styles.quiet}>{SOURCES[source]}</span>
        </dd>
        <dt>Groups</dt>
        <dd className={styles.quiet}>{groups.join(', ')}</dd>
        {Object.keys(args).length > 0 && (
          <>
            <dt>Arguments</dt>
            <dd className={styles.roles}>
              {Object.entries(args).map(([argument, role]) => (
                <Chip key={argument}>
                  {argument}: {role}
                </Chip>
              ))}
            </dd>
          </>
        )}
        <dt>Its results</dt>
        <dd>
          {result === undefined ? (
            'not described: untrusted, internal'
          ) : (
            <Labels integrity={result.integrity} confidentiality={result.confidentiality} />
          )}
        </dd>
        {hints !== null && (
          <>
            <dt>Server hint</dt>
            <dd>
              <Value text={JSON.stringify(hints)} foldAt={200} />{' '}
              <span className={styles.quiet}>nothing rests on it</span>
            </dd>
          </>
        )}
      </dl>
    </Card>
  )
}
