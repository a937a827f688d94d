import { Link } from '@tanstack/react-router'
import { Card } from '../../ui/screen.tsx'
import { Value } from '../../ui/value.tsx'
import { Words } from '../../ui/words.tsx'
import type { Alert } from './model.ts'
import styles from './detail.module.css'

/** Members of the record in the order of a story, and their words. */
const MEMBERS = [
  ['toolName', 'Tool'],
  ['agentId', 'Agent'],
  ['requestingIdentity', 'By'],
  ['actor', 'Acts for'],
  ['operator', 'Operator'],
  ['policyRule', 'Rule'],
  ['reason', 'Reason'],
  ['code', 'Code'],
  ['parameters', 'Arguments'],
  ['patterns', 'Would have'],
  ['findings', 'Findings'],
  ['target', 'Destination'],
  ['sandbox', 'Sandbox'],
  ['credential', 'Credential'],
  ['address', 'Address'],
  ['surface', 'Surface'],
  ['ingress', 'Came by'],
  ['trust', 'Trust'],
  ['labels', 'Carried'],
] as const

/** The record that caused the alert, the newest of them. */
export function Cause({ alert: { cause, count, agent, sentence } }: { readonly alert: Alert }) {
  const auditId = cause['auditId']
  const rows = MEMBERS.flatMap(([name, words]) => {
    const text = textOf(cause[name])
    // `acts for` says nothing where nobody else stands behind the agent, a reason nothing that the title says
    const isSaid = (name === 'actor' && text === agent) || (name === 'reason' && sentence.includes(text))
    return text === '' || isSaid ? [] : [[name, words, text] as const]
  })
  if (rows.length === 0) return null
  return (
    <Card
      title={count === 1 ? 'What caused it' : 'What caused it last'}
      aside={typeof auditId === 'string' && <Link to={`/log/${auditId}`}>Open the record</Link>}
    >
      <dl className={styles.record}>
        {rows.map(([name, words, text]) => (
          <div key={name}>
            <dt>{words}</dt>
            <dd>{name === 'reason' ? <Words text={text} /> : <Value text={text} foldAt={400} />}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
