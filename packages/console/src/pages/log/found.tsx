import { Button } from '../../ui/button.tsx'
import { Empty, Failure, Loading, NotPermitted } from '../../ui/states.tsx'
import { rangeWords, VIEW, type View } from './model.ts'
import styles from './page.module.css'
import type { useLog } from './use-log.ts'

interface FoundProps {
  readonly query: ReturnType<typeof useLog>['query']
  readonly empty: boolean
  readonly view: View
  readonly change: (change: Partial<View>) => void
  readonly children: React.ReactNode
}

/** What a search found, or in words why there is nothing to show. */
export function Found({ query, empty, view, change, children }: FoundProps) {
  const { error, data, refetch } = query
  if (error?.status === 403)
    return <NotPermitted sentence="The log is read by viewer, operator, approver, policy and admin." />
  if (data === undefined) {
    return error === null ? (
      <Loading rows={14} />
    ) : (
      <Failure what="The log could not be searched." problem={error} again={() => void refetch()} />
    )
  }
  if (empty) {
    const isAll = view.q.trim() === '' || view.q === VIEW.q
    return (
      <Empty
        action={
          <span className={styles.actions}>
            {!isAll && (
              <Button small onClick={() => change({ q: '' })}>
                Clear filter
              </Button>
            )}
            <Button small onClick={() => change({ last: '7d', from: '', to: '' })}>
              Search 7 days
            </Button>
          </span>
        }
      >
        {isAll
          ? `No call in ${rangeWords(view).replace(/^last/, 'the last')}.`
          : `Nothing matches ${view.q} in ${rangeWords(view).replace(/^last/, 'the last')}.`}
      </Empty>
    )
  }
  return <>{children}</>
}
