import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { enrolled } from '../../presence/enrol.ts'
import { Cancelled, createPasskey } from '../../presence/passkey.ts'
import { useProve } from '../../presence/provider.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Field } from '../../ui/field.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { Devices } from './devices.tsx'
import { when } from '../../ui/when.ts'
import styles from './page.module.css'

/** One passkey. Times in ms since 1970. */
interface Passkey {
  readonly id: string
  readonly operator: string
  readonly name: string
  readonly backedUp: boolean
  readonly class: 'platform' | 'cross' | 'device'
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly criticalFrom: number
}

const CLASS = { platform: 'built into the device', cross: 'a key that is carried', device: 'approver device' }

/** Passkeys: who can prove to be there, since when, and from when it may approve what is critical. */
export function Presence() {
  const list = useGet<{ items: readonly Passkey[] }>('/api/v1/passkeys')
  const { data: me } = useMe()
  const prove = useProve()
  const [label, setLabel] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const act = async (run: () => Promise<unknown>): Promise<void> => {
    setProblem(undefined)
    try {
      await run()
      await refetch('/api/v1/passkeys')
    } catch (thrown) {
      if (thrown instanceof Cancelled) return
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  const add = async (): Promise<void> => {
    const operator = me?.id ?? ''
    const options = await post<PublicKeyCredentialCreationOptionsJSON>('/api/v1/passkeys/options', { operator })
    const response = await createPasskey(options)
    const proof = await prove('passkey.enrol', { operator, ...enrolled(response) }, ADDING)
    if (proof === undefined) return
    await post('/api/v1/passkeys', { operator, response, label, proof })
    setLabel('')
  }
  const remove = async ({ id, name }: Passkey): Promise<void> => {
    const proof = await prove('passkey.remove', { id }, { ...REMOVING, title: `Remove the passkey “${name}”?` })
    if (proof !== undefined) await post(`/api/v1/passkeys/${encodeURIComponent(id)}/remove`, { proof })
  }
  return (
    <>
      <Answered of={list} failed="The passkeys could not be loaded.">
        {({ items }) => (
          <Card title="Passkeys" flush>
            <ul className={styles.list}>
              {items.map((each) => (
                <li key={each.id}>
                  <Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />
                  <div className={styles.words}>
                    <b>{each.name}</b> {each.operator.replace(/^operator:/, '')}
                    <div className={styles.note}>
                      {CLASS[each.class]}, {each.backedUp ? 'synced' : 'not synced'}, since {when(each.createdAt)},{' '}
                      {each.lastUsedAt === 0 ? 'never used' : `last used ${when(each.lastUsedAt)}`}
                    </div>
                  </div>
                  {each.criticalFrom > Date.now() && (
                    <Chip tone="ask">may approve critical from {when(each.criticalFrom)}</Chip>
                  )}
                  {each.operator === me?.id && (
                    <Button small onClick={() => void act(() => remove(each))}>
                      Remove…
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </Card>
        )}
      </Answered>
      {problem !== undefined && <Failure what="Nothing was changed." problem={problem} />}
      <Card title="Add a passkey">
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            void act(add)
          }}
        >
          <Field
            label="What it is called"
            note="A passkey that you have already agrees to it. For 24 hours it approves nothing critical."
            required
            maxLength={64}
            value={label}
            onChange={(event) => setLabel(event.target.value)}
          />
          <div className={styles.acts}>
            <Button type="submit" disabled={label === ''}>
              Create a passkey…
            </Button>
          </div>
        </form>
        <p className={styles.note}>
          An extension of this browser can change what you see. That is what an approver device is for: a passkey on
          another machine, which critical requests ask for.
        </p>
      </Card>
      <Devices />
    </>
  )
}

const ADDING = {
  title: 'Agree to the new passkey?',
  sentence: 'A passkey that you have already agrees to it. Every enrolment raises an alert.',
  button: 'Agree with my passkey',
}
const REMOVING = { sentence: 'It proves nothing any more, at once.', button: 'Remove with passkey' }
