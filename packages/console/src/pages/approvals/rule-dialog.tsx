import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Choice } from '../../ui/field.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { isWaiting, type Answer } from './model.ts'
import { Quoted } from './quoted.tsx'
import styles from './rule-dialog.module.css'

type Effect = 'allow' | 'deny'

/** What the gateway proposes: the narrowest rule, or why there is none. */
type Proposal =
  | { readonly possible: false; readonly why: string }
  | {
      readonly possible: true
      readonly cedar: string
      readonly sentences: readonly string[]
      readonly changes: readonly { readonly id: string; readonly file: string }[]
    }

const EFFECTS = [
  ['allow', 'Go on without a question'],
  ['deny', 'Are denied without a question'],
] as const

interface RuleProps {
  readonly answer: Answer
  readonly onClose: () => void
}

/** From one request to the rule that would answer its like from now on. It answers nothing before it is published. */
export function RuleDialog({ answer, onClose }: RuleProps) {
  if (answer.tool === 'egress.connect') return <HostRule answer={answer} onClose={onClose} />
  return <CallRule answer={answer} onClose={onClose} />
}

function CallRule({ answer, onClose }: RuleProps) {
  const [effect, setEffect] = useState<Effect>('allow')
  const { data: me } = useMe()
  const navigate = useNavigate()
  const act = useAct()
  const path = `/api/v1/approvals/${encodeURIComponent(answer.id)}/rule`
  const proposal = useGet<Proposal>(path, { effect })
  const may = me?.scopes.includes('policy') === true
  const open = async (): Promise<void> => {
    const { draft, file } = await post<{ readonly draft: string; readonly file: string }>(path, { effect })
    await refetch('/api/v1/policy/drafts')
    await navigate({ to: `/policies/draft/${draft}`, search: { file, panel: 'tests' } })
  }
  return (
    <Dialog
      title="Draft a rule"
      className={styles.wide}
      onClose={onClose}
      actions={
        <>
          <Button data-first onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind="ink"
            disabled={!may || act.busy || proposal.data?.possible !== true}
            onClick={() => act.run(open)}
          >
            Open as draft
          </Button>
        </>
      }
    >
      <Choice label="Calls like this one" value={effect} options={EFFECTS} onChange={(to) => setEffect(to as Effect)} />
      <Answered of={proposal} failed="No rule could be drafted." rows={6}>
        {(found) =>
          found.possible ? (
            <Rule {...found} effect={effect} />
          ) : (
            <p role="status">
              <Quoted text={found.why} />
            </p>
          )
        }
      </Answered>
      <p className={styles.note}>
        {may
          ? 'A draft decides nothing. It is in force when it is published, which takes a passkey, and a second person where four eyes are set.'
          : `Policies are changed by policy. You are ${me?.roles.join(', ') ?? 'nobody'}.`}
        {isWaiting(answer) && ' This request waits on meanwhile.'}
      </p>
      {act.problem !== undefined && <Failure what="No draft was begun." problem={act.problem} />}
    </Dialog>
  )
}

function Rule({
  cedar,
  sentences,
  changes,
  effect,
}: Extract<Proposal, { possible: true }> & { readonly effect: Effect }) {
  return (
    <div className={styles.rule}>
      <ul>
        {sentences.map((each) => (
          <li key={each}>
            <Quoted text={each} />
          </li>
        ))}
      </ul>
      <p className={styles.place}>
        {effect === 'deny' ? (
          'A rule of its own:'
        ) : (
          <>
            An exception in{' '}
            {changes.map(({ id, file }, at) => (
              <span key={id}>
                {at > 0 && ', '}
                <code>{id}</code> (<code>{file.split('/').at(-1)}</code>)
              </span>
            ))}
            :
          </>
        )}
      </p>
      {/* wider than its place, it is scrolled: by keyboard too */}
      <pre className={styles.code} tabIndex={0} aria-label="The rule in Cedar">
        {cedar}
      </pre>
    </div>
  )
}

/** A host is let out by configuration; policies of calls do not speak of it. */
function HostRule({ answer, onClose }: RuleProps) {
  const { host = '' } = (answer.arguments ?? {}) as { readonly host?: string }
  const plain = host.replace(/:443$/, '')
  const name = `${answer.agentId}-${plain}`.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '-')
  const text = `version: 1
rules:
  ${name}:
    agents: [${answer.agentId}]
    hosts: ['${plain}']`
  const command = `sallyport egress allow ${plain} --agent ${answer.agentId} --for 2h`
  return (
    <Dialog
      title="Draft a rule"
      className={styles.wide}
      onClose={onClose}
      actions={
        <Button data-first onClick={onClose}>
          Close
        </Button>
      }
    >
      <p>{answer.reason}</p>
      {/^[a-z0-9.:[\]-]+$/.test(plain) ? (
        <>
          <p>
            Which hosts an agent reaches is configuration. With these lines in a file that <code>egress.files</code>{' '}
            names, {answer.agentId} reaches this one for good; the file is read again when it changes.
          </p>
          <pre className={styles.code} tabIndex={0} aria-label="The rule in YAML">
            {text}
          </pre>
          <div>
            <Copy text={text} label="Copy the rule" />
          </div>
          <p>For a time, with your PIN in a terminal:</p>
          <pre className={styles.code} tabIndex={0} aria-label="The command">
            {command}
          </pre>
          <div>
            <Copy text={command} label="Copy command" />
          </div>
        </>
      ) : (
        <p>It is not a plain name, so no rule is drafted for it.</p>
      )}
    </Dialog>
  )
}
