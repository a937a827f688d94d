import { EyeOff, Fingerprint, Plus, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { post } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { useObject } from '../../shell/view.ts'
import { useKeys } from '../../shell/keys.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Diff } from '../../ui/diff.tsx'
import { LineDiff } from '../../ui/line-diff.tsx'
import { segments } from '../../ui/segments.ts'
import { Card } from '../../ui/screen.tsx'
import { Failure } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { person, when } from '../../ui/when.ts'
import { schema, text, type ServerDetail, type Tool } from './model.ts'
import styles from '../../ui/detail.module.css'

/** What a detector saw, in words. */
const CATEGORIES: Readonly<Record<string, string>> = {
  direct: 'Gives orders to the agent',
  indirect: 'Gives orders in passing',
  role_confusion: 'Plays another role',
  context_manipulation: 'Claims a context',
  jailbreaking: 'Talks the model out of its rules',
  encoding_bypass: 'Hides in an encoding',
  delimiter_injection: 'Imitates a delimiter',
  instruction_extraction: 'Asks for instructions',
  output_weaponisation: 'Steers the output',
  social_engineering: 'Presses for haste or trust',
}

/** What is offered against what was pinned, and the two answers to it. */
export function Held({ server, tools }: { readonly server: ServerDetail; readonly tools: readonly Tool[] }) {
  const prove = useProve()
  const may = useMay('policy')
  const act = useAct()
  const { alias } = server
  const looked = Object.fromEntries(tools.map(({ name, candidate }) => [name, candidate]))
  const changed = tools.filter(({ state, kept }) => state === 'drifted' && kept === null)
  const kept = tools.filter((tool) => tool.kept !== null)
  const keep = async (): Promise<void> => {
    const body = Object.fromEntries(changed.map(({ name, candidate }) => [name, candidate]))
    await post(`/api/v1/tools/servers/${alias}/hold`, { tools: body })
    await refetch('/api/v1/tools/')
  }
  const accept = async (): Promise<void> => {
    const names = tools.map(({ name }) => name).join(', ')
    const grave = tools.flatMap(({ findings }) => findings).filter(({ severity }) => /critical|high/.test(severity))
    const proof = await prove(
      'tool.pin',
      { server: alias, tools: looked },
      {
        title: `Accept ${names} of ${alias}`,
        sentence: (
          <p>
            Agents may call {tools.length === 1 ? 'it' : 'them'} as offered now.{' '}
            {grave.length > 0 && <strong>{grave.length} findings are high or critical.</strong>}
          </p>
        ),
        button: 'Accept with passkey',
      },
    )
    if (proof === undefined) return
    await post(`/api/v1/mcp/servers/${alias}/pin`, { tools: looked, proof })
    await refetch('/api/v1/tools/')
  }
  // who opened a held server finds the safe act under the finger
  const safe = useRef<HTMLButtonElement>(null)
  const [opened] = useObject()
  useEffect(() => {
    if (opened === alias) safe.current?.focus({ preventScroll: true })
  }, [opened, alias])
  useKeys({
    h: { say: 'Keep it held', run: () => changed.length > 0 && act.run(keep) },
    p: { say: 'Accept the new pin…', run: () => act.run(accept) },
  })
  return (
    <>
      {tools.map((tool) => (
        <Change key={tool.id} tool={tool} />
      ))}
      {act.problem !== undefined && <Failure what="Nothing was changed." problem={act.problem} />}
      {kept.length > 0 && (
        <p role="status">
          {kept
            .map(({ name, kept: by }) => `${name} stays held, ${person(by?.by ?? '')} looked at it ${when(by?.at)}`)
            .join('. ')}
          .
        </p>
      )}
      <div className={styles.acts}>
        <Button ref={safe} kind="ink" disabled={!may || act.busy || changed.length === 0} onClick={() => act.run(keep)}>
          {changed.length === 0 ? 'It stays held' : 'Keep it held'}
        </Button>
        <Button
          className={styles.apart}
          icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
          disabled={!may || act.busy}
          title={may ? undefined : 'Pins are accepted by policy.'}
          onClick={() => act.run(accept)}
        >
          Accept the new pin…
        </Button>
      </div>
    </>
  )
}

function Change({ tool }: { readonly tool: Tool }) {
  const { name, definition, seen, findings, pinnedBy, pinnedAt, seenAt, state } = tool
  const pinned = state === 'drifted' ? definition : undefined
  const offered = seen ?? definition
  const before = `Pinned ${when(pinnedAt)}, ${pinnedBy === 'first-use' ? 'on first use' : `by ${person(pinnedBy)}`}`
  const after = seenAt === 0 ? 'Offered' : `Offered ${when(seenAt)}`
  const hidden = hiddenIn(text(offered))
  const added = newArguments(pinned?.inputSchema, offered.inputSchema)
  return (
    <>
      <Card
        flush
        title={<code>{name}</code>}
        aside={
          findings.length > 0 ? (
            <Chip tone="deny">
              {findings.length === 1 ? '1 finding' : `${findings.length} findings`}, {worstOf(findings)}
            </Chip>
          ) : (
            'description and arguments'
          )
        }
      >
        <Diff before={text(pinned)} after={text(offered)} beforeTitle={before} afterTitle={after} />
        {schema(pinned) !== schema(offered) && (
          <>
            <h3 className={styles.part}>Arguments</h3>
            <LineDiff risky before={schema(pinned)} after={schema(offered)} />
          </>
        )}
      </Card>
      {(findings.length > 0 || added.length > 0 || hidden !== '') && (
        <Card flush>
          <ul className={styles.rows}>
            {hidden !== '' && (
              <li>
                <EyeOff size={16} strokeWidth={1.75} aria-hidden="true" className={styles.bad} />
                <strong>Invisible text</strong>
                <span className={styles.grow}>{hidden} in the description</span>
              </li>
            )}
            {findings.map(({ rule, category, severity, where }, at) => (
              <li key={at}>
                <TriangleAlert
                  size={16}
                  strokeWidth={1.75}
                  aria-label={severity}
                  className={/critical|high/.test(severity) ? styles.bad : styles.warn}
                />
                <strong>{CATEGORIES[category] ?? category.replaceAll('_', ' ')}</strong>
                <span className={styles.grow}>in the {where === 'inputSchema' ? 'arguments' : where}</span>
                <code className={styles.quiet}>{rule}</code>
              </li>
            ))}
            {added.map((argument) => (
              <li key={argument}>
                <Plus size={16} strokeWidth={1.75} aria-hidden="true" className={styles.warn} />
                <strong>New argument</strong>
                <span className={styles.grow}>
                  <Value text={argument} /> may carry any text out, it counts as a destination
                </span>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  )
}

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
const worstOf = (findings: Tool['findings']): string =>
  SEVERITIES.find((each) => findings.some(({ severity }) => severity === each)) ?? 'info'

/** `13 tag characters`: what stands in a text and is not seen; empty when all is. */
const hiddenIn = (said: string): string =>
  segments(said)
    .flatMap((piece) => (piece.kind === 'hidden' ? [piece.said] : []))
    .slice(0, 3)
    .join(', ')

function newArguments(before: unknown, after: unknown): readonly string[] {
  const names = (of: unknown): readonly string[] => {
    const properties = typeof of === 'object' && of !== null ? (of as { properties?: object }).properties : undefined
    return Object.keys(properties ?? {})
  }
  return before === undefined ? [] : names(after).filter((name) => !names(before).includes(name))
}
