import { Link } from '@tanstack/react-router'
import { Card } from '../../ui/screen.tsx'
import { Value } from '../../ui/value.tsx'
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
export function Cause({ alert: { cause, count, agent } }: { readonly alert: Alert }) {
  const auditId = cause['auditId']
  const rows = MEMBERS.flatMap(([name, words]) => {
    const text = textOf(cause[name])
    // `acts for` says nothing where nobody else stands behind the agent
    return text === '' || (name === 'actor' && text === agent) ? [] : [[words, text] as const]
  })
  if (rows.length === 0) return null
  return (
    <Card
      title={count === 1 ? 'What caused it' : 'What caused it last'}
      aside={typeof auditId === 'string' && <Link to={`/log/${auditId}`}>Open the record</Link>}
    >
      <dl className={styles.record}>
        {rows.map(([words, text]) => (
          <div key={words}>
            <dt>{words}</dt>
            <dd>
              <Value text={text} foldAt={400} />
            </dd>
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
