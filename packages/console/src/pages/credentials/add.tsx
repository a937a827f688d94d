import { useRef, useState } from 'react'
import { post } from '../../api/client.ts'
import { refetch } from '../../api/query.ts'
import { toHex } from '../../presence/encoding.ts'
import { useProve } from '../../presence/provider.tsx'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Choice, Field } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'
import { TYPES, type Secret } from './model.ts'

/**
 * Keeps a value, or replaces one. The value is masked, never prefilled, leaves this field only in the one request, and the proof
 * is over a salted digest of it, so that no challenge ever carries it.
 */
export function Add({ of, onClose }: { readonly of?: Secret; readonly onClose: () => void }) {
  const [name, setName] = useState(of?.name ?? '')
  const [type, setType] = useState<string>(of?.type ?? 'api_key')
  const [filled, setFilled] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const prove = useProve()
  const act = useAct()
  const keep = async (): Promise<void> => {
    const input = field.current
    if (input === null) return
    const bytes = new TextEncoder().encode(input.value)
    const salt = toHex(crypto.getRandomValues(new Uint8Array(16)))
    const whole = new Uint8Array([...new TextEncoder().encode(salt), ...bytes])
    const digest = toHex(await crypto.subtle.digest('SHA-256', whole))
    const asked = { name, type, salt, digest }
    const proof = await prove('vault.set', asked, {
      title: of === undefined ? `Keep ${name}` : `Replace the value of ${name}`,
      sentence: <p>Agents never see it. The gateway puts it into requests where the configuration says so.</p>,
      button: of === undefined ? 'Keep with passkey' : 'Replace with passkey',
    })
    if (proof === undefined) return
    const value = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    await post('/api/v1/vault', { ...asked, value, proof })
    input.value = ''
    await refetch('/api/v1/vault')
    onClose()
  }
  return (
    <Dialog
      title={of === undefined ? 'Add a secret' : `Rotate ${of.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="ink"
            disabled={act.busy || !filled || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)}
            onClick={() => act.run(keep)}
          >
            {of === undefined ? 'Keep it…' : 'Replace it…'}
          </Button>
        </>
      }
    >
      {of === undefined && (
        <>
          <Field
            label="Name"
            value={name}
            maxLength={64}
            data-first
            note="As credentials of the configuration name it."
            onChange={(event) => setName(event.target.value)}
          />
          <Choice
            label="Kind"
            value={type}
            options={TYPES.map((each) => [each, each.replace('_', ' ')])}
            onChange={setType}
          />
        </>
      )}
      <Field
        label="Value"
        type="password"
        autoComplete="new-password"
        ref={field}
        note="Agents never see it. Nobody can read it back here."
        onChange={(event) => setFilled(event.target.value !== '')}
      />
      {act.problem !== undefined && <Failure what="The value was not kept." problem={act.problem} />}
    </Dialog>
  )
}
