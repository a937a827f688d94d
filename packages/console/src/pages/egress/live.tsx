import { serverNow } from '../../api/clock.ts'
import { post } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { span } from '../../ui/when.ts'
import { bytes, type Connection } from './model.ts'
import styles from '../../ui/detail.module.css'

/** Connections that are open now on this gateway. */
export function LiveConnections() {
  const live = useGet<{ readonly connections: readonly Connection[] }>('/api/v1/egress/live', {}, { every: 2_000 })
  const act = useAct()
  const may = useMay('write')
  const close = (id: string): void =>
    act.run(async () => {
      await post(`/api/v1/egress/live/${id}/close`)
      await refetch('/api/v1/egress/live')
    })
  return (
    <Answered of={live} failed="Open connections could not be loaded.">
      {({ connections }) => (
        <>
          {act.problem !== undefined && <Failure what="It was not closed." problem={act.problem} />}
          {connections.length === 0 ? (
            <Empty>Nothing is connected to the outside.</Empty>
          ) : (
            <Card flush>
              <ul className={styles.rows}>
                {connections.map(({ id, holder, target, address, since, sent, received, isInspected }) => (
                  <li key={id}>
                    <span className={styles.grow}>
                      {holder} <Value text={target} />
                    </span>
                    <code className={styles.quiet}>{address}</code>
                    <span>
                      {bytes(sent)} out, {bytes(received)} in
                    </span>
                    <span className={styles.quiet}>
                      {span(serverNow() - since)}
                      {isInspected ? ', looked into' : ', tunnel'}
                    </span>
                    <Button small disabled={!may || act.busy} onClick={() => close(id)}>
                      Close it
                    </Button>
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </>
      )}
    </Answered>
  )
}
