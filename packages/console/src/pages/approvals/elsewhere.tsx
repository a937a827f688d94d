import { lazy, Suspense } from 'react'
import { Copy } from '../../ui/copy.tsx'
import { useGet } from '../../api/query.ts'
import type { Answer } from './model.ts'
import styles from './decision-bar.module.css'

const OtherDevice = lazy(async () => ({ default: (await import('../../ui/other-device.tsx')).OtherDevice }))

interface Passkeys {
  readonly items: readonly { readonly operator: string }[]
}

/** Whether this person has a passkey; true while it is not known, since then the gateway says so itself. */
export function useHasPasskey(operator: string): boolean {
  const { data } = useGet<Passkeys>('/api/v1/passkeys')
  return data?.items.some((each) => each.operator === operator) ?? true
}

/** Where else it can be approved: what is critical on another machine, without a passkey with the PIN in a terminal. */
export function Elsewhere({ answer, hasPasskey }: { readonly answer: Answer; readonly hasPasskey: boolean }) {
  if (answer.severity === 'critical') {
    return (
      <Suspense fallback={null}>
        <OtherDevice address={`${location.origin}/approvals/${answer.id}`}>
          <p>
            <b>Open on your phone.</b> This is critical: approve it on a device that the agent cannot reach. The address
            is <code>{location.origin}</code>
          </p>
        </OtherDevice>
      </Suspense>
    )
  }
  if (hasPasskey) return null
  const command = `sallyport approvals approve ${answer.id}`
  return (
    <p className={styles.elsewhere}>
      <b>You have no passkey here.</b> Approve with your PIN in a terminal: <code>{command}</code>{' '}
      <Copy text={command} label="Copy command" iconOnly /> Only <code>sallyport</code> on a real terminal asks for your
      PIN.
    </p>
  )
}
