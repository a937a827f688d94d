import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useProve, type Question } from '../../presence/provider.tsx'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import { when } from '../../ui/when.ts'
import styles from './page.module.css'
import { Pairing, type PairingCode, type WaitingDevice } from './pairing.tsx'

interface Device {
  readonly id: string
  readonly operator: string
  readonly label: string
  readonly pairedAt: string
}

/** Machines of one's own on which one decides away from the gateway's, and the codes for the day all passkeys are lost. */
export function Devices() {
  const list = useGet<{ items: readonly Device[] }>('/api/v1/devices')
  const { data: me } = useMe()
  const prove = useProve()
  const [pairing, setPairing] = useState<PairingCode>()
  const [codes, setCodes] = useState<readonly string[]>()
  const [problem, setProblem] = useState<Problem>()
  const act = async (run: () => Promise<void>): Promise<void> => {
    setProblem(undefined)
    try {
      await run()
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  const proved = async <T,>(kind: string, path: string, question: Question): Promise<T | undefined> => {
    const proof = await prove(kind, { person: me?.name ?? '' }, question)
    return proof === undefined ? undefined : post<T>(path, { proof })
  }
  const remove = async ({ id, label }: Device): Promise<void> => {
    const proof = await prove('device.remove', { id }, { ...REMOVING, title: `Take “${label}” away?` })
    if (proof === undefined) return
    await post(`/api/v1/devices/${encodeURIComponent(id)}/remove`, { proof })
    await refetch('/api/v1/devices')
  }
  const confirm = async ({ id, check, address }: WaitingDevice): Promise<void> => {
    const proof = await prove(
      'device.confirm',
      { id, check },
      { ...CONFIRMING, title: `Is ${check} at ${address} yours?` },
    )
    if (proof === undefined) return
    await post(`/api/v1/devices/pairing/${encodeURIComponent(id)}/confirm`, { check, proof })
    await refetch('/api/v1/devices')
  }
  return (
    <>
      {problem !== undefined && <Failure what="Nothing was changed." problem={problem} />}
      <Card
        title="Approver devices"
        flush
        aside={
          <Button
            small
            onClick={() =>
              void act(async () =>
                setPairing(await proved<PairingCode>('device.pair', '/api/v1/devices/pairing', PAIRING)),
              )
            }
          >
            Pair a device…
          </Button>
        }
      >
        {pairing !== undefined && <Pairing {...pairing} onConfirm={(waiting) => act(() => confirm(waiting))} />}
        <Answered of={list} failed="The devices could not be loaded." rows={2}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>No device is paired. Critical requests need one.</Empty>
            ) : (
              <ul className={styles.list}>
                {items.map((device) => (
                  <li key={device.id}>
                    <div className={styles.words}>
                      <b>{device.label === '' ? device.id : device.label}</b>{' '}
                      {device.operator.replace(/^operator:/, '')}
                      <div className={styles.note}>paired {when(device.pairedAt)}</div>
                    </div>
                    <Button small kind="stop" onClick={() => void act(() => remove(device))}>
                      Take away
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Answered>
      </Card>
      <Card title="Recovery codes">
        <div className={styles.form}>
          <p>You have {me?.recoveryCodes ?? 0} left. New ones end the old ones.</p>
          {codes !== undefined && (
            <>
              <ul className={styles.codes}>
                {codes.map((code) => (
                  <li key={code}>
                    <code>{code}</code>
                  </li>
                ))}
              </ul>
              <Copy text={codes.join('\n')} label="Copy all" />
            </>
          )}
          <div className={styles.acts}>
            <Button
              small
              onClick={() =>
                void act(async () => {
                  const made = await proved<{ codes: readonly string[] }>(
                    'people.recovery',
                    '/api/v1/me/recovery-codes',
                    RECOVERY,
                  )
                  setCodes(made?.codes)
                  await refetch('/api/v1/me')
                })
              }
            >
              Make new codes…
            </Button>
          </div>
        </div>
      </Card>
    </>
  )
}

const PAIRING: Question = {
  title: 'Pair a device?',
  sentence: 'It gets a passkey of yours and may approve what is critical, after 24 hours.',
  button: 'Pair with passkey',
}
const CONFIRMING = {
  sentence: 'Only when the same number stands on the device in your hand: it may make a passkey of yours then.',
  button: 'Confirm with passkey',
}
const REMOVING = { sentence: 'Its sessions and its passkey end at once.', button: 'Take away with passkey' }
const RECOVERY: Question = {
  title: 'Make new recovery codes?',
  sentence: 'The old ones end at once.',
  button: 'Make them with passkey',
}
