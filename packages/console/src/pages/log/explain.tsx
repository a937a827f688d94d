import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { post, type Problem } from '../../api/client.ts'
import { Answered, Empty } from '../../ui/states.tsx'
import type { Members } from './model.ts'
import { text } from './model.ts'
import styles from './record.module.css'

interface Explanation {
  readonly record: Members
  readonly policies: readonly { readonly id: string; readonly file: string; readonly text: string }[]
  readonly inForce: boolean
}

/** The rules that decided, as they were then, and whether they still are in force. */
export function Explain({ auditId }: { readonly auditId: string }) {
  const answer = useQuery<Explanation, Problem>({
    queryKey: ['/api/v1/policy/explain', auditId],
    queryFn: () => post<Explanation>('/api/v1/policy/explain', { event: auditId }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Answered of={answer} failed="The decision could not be explained." rows={4}>
      {({ record, policies, inForce }) => {
        const rules = Array.isArray(record['policyRule']) ? record['policyRule'].map(String) : []
        if (rules.length === 0) return <Empty>No rule decided this; it is not a decision of policy.</Empty>
        return (
          <div className={styles.explain}>
            <p>
              {rules.length === 1 ? 'One rule' : `${rules.length} rules, in this order,`} decided:{' '}
              {text(record, 'policyDecision').replace('_', ' ')}.{' '}
              {inForce ? 'The same policy is in force today.' : 'Policy has changed since; this is the one of then.'}
            </p>
            <ol>
              {rules.map((id) => {
                const policy = policies.find((each) => each.id === id)
                return (
                  <li key={id}>
                    <code>{id}</code>
                    {policy === undefined ? (
                      <span className={styles.note}>Built in, or its text is no longer kept.</span>
                    ) : (
                      <>
                        <Link to={`/policies/live/${policy.file.replace(':', '#L')}`} className={styles.note}>
                          {policy.file}
                        </Link>
                        <pre tabIndex={0}>{policy.text}</pre>
                      </>
                    )}
                  </li>
                )
              })}
            </ol>
          </div>
        )
      }}
    </Answered>
  )
}
