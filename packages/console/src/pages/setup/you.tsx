import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { Cancelled, createPasskey } from '../../presence/passkey.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'
import type { LinkView } from './link.ts'
import styles from './page.module.css'

interface YouProps {
  readonly link: LinkView
  readonly onDone: (recoveryCodes: readonly string[], name: string) => void
}

const WORDS = {
  first: ['Who decides here?', 'You are the first person of this gateway. Others are added later, in Settings.'],
  invitation: ['Your passkey', 'With it you sign in and decide.'],
  device: ['This device', 'With a passkey here you decide away from the gateway’s own machine.'],
  recovery: ['A new passkey', 'It takes the place of the one that was lost.'],
} as const

/** Name and passkey: what the gateway knows a human by. */
export function You({ link, onDone }: YouProps) {
  const [name, setName] = useState(link.name)
  const [state, setState] = useState<'ready' | 'busy' | 'cancelled' | Problem>('ready')
  const [title, lead] = WORDS[link.for]
  const create = async (): Promise<void> => {
    setState('busy')
    try {
      const options = await post<PublicKeyCredentialCreationOptionsJSON>('/api/v1/setup/passkey/options', { name })
      const response = await createPasskey(options)
      const { recoveryCodes } = await post<{ recoveryCodes: readonly string[] }>('/api/v1/setup/passkey', {
        name,
        response,
        label: link.for === 'device' ? 'Paired device' : 'First passkey',
      })
      onDone(recoveryCodes, name)
    } catch (thrown) {
      if (thrown instanceof Cancelled) setState('cancelled')
      else if (thrown instanceof Problem) setState(thrown)
      else throw thrown
    }
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
    >
      <h1>{title}</h1>
      <p className={styles.lead}>{lead}</p>
      {link.for === 'first' ? (
        <Field
          label="Name"
          note="Lower case letters, digits and hyphens. It stands in the log beside every decision."
          required
          pattern="[a-z][a-z0-9\-]{0,31}"
          autoFocus
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      ) : (
        <p>
          You are <b>{link.name}</b>.
        </p>
      )}
      {link.check !== '' && (
        <p>
          Where you made the code, Settings asks whether this device is yours. Compare the number and confirm it there
          first: <b className="num">{link.check}</b>
        </p>
      )}
      <div className={styles.acts}>
        <Button
          type="submit"
          kind="ink"
          disabled={state === 'busy' || name === ''}
          icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
        >
          Create a passkey
        </Button>
      </div>
      {state === 'cancelled' && <p role="status">No passkey was made. Try again.</p>}
      {state instanceof Problem && <Failure what="The passkey was not accepted." problem={state} />}
      <p className={styles.small}>
        No passkey on this device? The browser offers your phone. A PIN is set with <code>sallyport init --claim</code>{' '}
        in a terminal; it cannot approve critical actions.
      </p>
    </form>
  )
}
