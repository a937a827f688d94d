import { useRouter } from '@tanstack/react-router'
import { Fingerprint } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { useGet } from '../../api/query.ts'
import { Cancelled, signInWithPasskey } from '../../presence/passkey.ts'
import { Mark } from '../../shell/mark.tsx'
import { useTitle } from '../../shell/title.ts'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { safeNext } from './next.ts'
import { Password } from './password.tsx'
import styles from './page.module.css'

/** Ways to sign in that this gateway offers. */
interface Methods {
  readonly passkey: boolean
  readonly password: boolean
  readonly company?: string
  /** Fingerprint of the gateway's key, hex, as `sallyport version` prints it. */
  readonly fingerprint?: string
}

/** Am I talking to my gateway? The name, its key, and the ways in. */
export function Page() {
  const [{ next, failed }] = useView({ next: '/', failed: '' })
  const to = safeNext(next, Object.keys(useRouter().routesByPath))
  const methods = useGet<Methods>('/api/v1/sign-in/methods')
  const [state, setState] = useState<'ready' | 'busy' | 'cancelled' | Problem>('ready')
  const button = useRef<HTMLButtonElement>(null)
  useTitle('Sign in')
  useEffect(() => button.current?.focus(), [methods.data])
  const attempt = async (sign: () => Promise<unknown>): Promise<void> => {
    setState('busy')
    try {
      await sign()
      // a whole load: nothing of the session before is left in memory
      location.assign(to)
    } catch (thrown) {
      if (thrown instanceof Cancelled) setState('cancelled')
      else if (thrown instanceof Problem) setState(thrown)
      else throw thrown
    }
  }
  const passkey = (): Promise<void> =>
    attempt(async () => {
      const options = await post<PublicKeyCredentialRequestOptionsJSON>('/api/v1/sign-in/passkey/options')
      await post('/api/v1/sign-in/passkey', { response: await signInWithPasskey(options) })
    })
  const offered = methods.data
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header className={styles.head}>
          <Mark size={28} />
          <h1>Sign in to Sallyport</h1>
          <code>{location.host}</code>
        </header>
        {offered?.fingerprint !== undefined && (
          <p className={styles.key}>
            Key <code>{offered.fingerprint.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ')}</code>
            <Copy text={offered.fingerprint} label="Copy the whole fingerprint" iconOnly />
          </p>
        )}
        {methods.error !== null && offered === undefined && (
          <p role="alert" className={styles.error}>
            {methods.error.message} {methods.error.next}
          </p>
        )}
        {offered?.passkey === true && (
          <Button
            ref={button}
            kind="ink"
            disabled={state === 'busy'}
            icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
            onClick={() => void passkey()}
          >
            Sign in with passkey
          </Button>
        )}
        {offered?.company !== undefined && (
          <a className={styles.company} href={`/api/v1/sign-in/oidc?next=${encodeURIComponent(to)}`}>
            Sign in with {offered.company}
          </a>
        )}
        {offered?.password === true && (
          <Password
            busy={state === 'busy'}
            onSignIn={(name, password) => attempt(() => post('/api/v1/sign-in/password', { name, password }))}
          />
        )}
        {offered !== undefined && !offered.passkey && !offered.password && offered.company === undefined && (
          <p>
            Nobody can sign in yet. Run <code>sallyport setup-link</code> as the gateway’s user.
          </p>
        )}
        <p role="status" className={styles.error}>
          {state === 'cancelled' && 'The passkey was not used.'}
          {state instanceof Problem && `${state.message} ${state.detail}`}
          {state === 'ready' && failed !== '' && 'The company’s sign-in did not work. Try again, or use another way.'}
        </p>
        <p className={styles.foot}>Sallyport never asks for your PIN here, in chat or in an agent’s window.</p>
      </div>
    </main>
  )
}
