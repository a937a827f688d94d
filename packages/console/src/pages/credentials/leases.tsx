import { useState } from 'react'
import { post } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { TimeLeft } from '../../ui/countdown.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import type { Leases } from './model.ts'
import page from './credentials.module.css'
import styles from '../../ui/detail.module.css'

type Reach = Leases['takenBack'][number]

/** Who may have which credential put into requests now; taking back is free, giving again is not. */
export function LeaseList() {
  const leases = useGet<Leases>('/api/v1/leases', {}, { topics: ['credentials'], every: 5_000 })
  const act = useAct()
  const prove = useProve()
  const may = useMay('admin')
  const [asking, setAsking] = useState(false)
  const take = (reach: Reach): void =>
    act.run(async () => {
      await post('/api/v1/leases/revoke', { ...reach, reason: '' })
      await refetch('/api/v1/leases')
      setAsking(false)
    })
  const give = (reach: Reach): void =>
    act.run(async () => {
      const proof = await prove('leases.grant', reach, {
        title: `Give ${words(reach)} again`,
        sentence: <p>Agents may have credentials put into their requests again, where the configuration allows it.</p>,
        button: 'Give with passkey',
      })
      if (proof === undefined) return
      await post('/api/v1/leases/grant', { ...reach, proof })
      await refetch('/api/v1/leases')
    })
  return (
    <div className={page.room}>
      {act.problem !== undefined && <Failure what="Nothing was changed." problem={act.problem} />}
      <Answered of={leases} failed="The leases could not be loaded.">
        {({ leases: list, takenBack }) => (
          <div className={styles.stack}>
            {takenBack.map((reach) => (
              <div key={words(reach)} className={styles.banner} role="status">
                <p className={styles.grow}>
                  <strong>{words(reach)} taken back.</strong> Nobody gets a lease until somebody gives again.
                </p>
                <Button small disabled={!may || act.busy} onClick={() => give(reach)}>
                  Give again…
                </Button>
              </div>
            ))}
            {list.length === 0 ? (
              <Empty>No credential is lent now.</Empty>
            ) : (
              <Card flush>
                <ul className={styles.rows}>
                  {list.map(({ id, credential, holder, uses, expiresAt }) => (
                    <li key={id ?? credential + holder}>
                      <span className={styles.grow}>
                        <code>{credential}</code> to {holder}
                      </span>
                      <span>{uses === 1 ? 'used once' : `used ${uses} times`}</span>
                      <TimeLeft until={expiresAt} />
                      <Button small disabled={!may || act.busy} onClick={() => take({ credential })}>
                        Take {credential} back
                      </Button>
                    </li>
                  ))}
                </ul>
              </Card>
            )}
            <div className={styles.acts}>
              <Button kind="stop" disabled={!may} onClick={() => setAsking(true)}>
                Take all back…
              </Button>
            </div>
          </div>
        )}
      </Answered>
      {asking && (
        <Dialog
          title="Take all credentials back"
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>Cancel</Button>
              <Button kind="ink" data-first disabled={act.busy} onClick={() => take({ all: true })}>
                Take all back
              </Button>
            </>
          }
        >
          <p>What is on its way is cut. No agent gets a credential until somebody gives again.</p>
        </Dialog>
      )}
    </div>
  )
}

const words = ({ all, credential, holder }: Reach): string =>
  all === true ? 'All credentials' : credential === undefined ? `Credentials of ${holder ?? ''}` : credential
