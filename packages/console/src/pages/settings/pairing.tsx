import { useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { OtherDevice } from '../../ui/other-device.tsx'
import { when } from '../../ui/when.ts'
import styles from './page.module.css'

export interface PairingCode {
  readonly url: string
  readonly code: string
  readonly endsAt: string
}

/** A browser that came with the code and waits for its person's word. */
export interface WaitingDevice {
  readonly id: string
  readonly check: string
  readonly address: string
}

interface PairingProps extends PairingCode {
  readonly onConfirm: (waiting: WaitingDevice) => Promise<void>
}

/** How often it is asked who came with the code, ms. */
const EVERY = 2_000

/** The code for another device, and the question whether the one that came with it is one's own. */
export function Pairing({ url, code, endsAt, onConfirm }: PairingProps) {
  const { data } = useGet<{ items: readonly WaitingDevice[] }>('/api/v1/devices/pairing', {}, { every: EVERY })
  return (
    <div className={styles.shown} role="status">
      <OtherDevice address={url}>
        <p>
          Open <code>{url}</code> on the device first, then type <b className="num">{code}</b>. The code works until{' '}
          {when(endsAt)}; after that make another.
        </p>
      </OtherDevice>
      {(data?.items ?? []).map((waiting) => (
        <p key={waiting.id}>
          A device at {waiting.address} shows <b className="num">{waiting.check}</b>.{' '}
          <Button small onClick={() => void onConfirm(waiting)}>
            It is mine…
          </Button>
        </p>
      ))}
    </div>
  )
}
