import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { refetch } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Choice, Field, TextField } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'

const EMPTY = { name: '', hash: '', source: '', to: 'internal', reason: '' }

/** Lets exactly one hash from exactly one place in without a review; with a passkey. */
export function AddAllow({ onClose }: { readonly onClose: () => void }) {
  const prove = useProve()
  const act = useAct()
  const [rule, setRule] = useState(EMPTY)
  const set = (part: Partial<typeof EMPTY>): void => setRule({ ...rule, ...part })
  const { name, hash, source, to, reason } = rule
  const isHash = /^[0-9a-f]{64}$/.test(hash)
  const ready = name !== '' && isHash && source !== '' && reason.trim().length >= 3
  const save = async (): Promise<void> => {
    const asked = { name, hash, source, to, reason: reason.trim() }
    const proof = await prove('skill.allow', asked, {
      title: `Let ${name} in without a review`,
      sentence: (
        <p>
          Only these bytes, only from <code>{source}</code>. Nobody looks at what the scan finds in them.
        </p>
      ),
      button: 'Allow with passkey',
    })
    if (proof === undefined) return
    await post('/api/v1/skill-rules/allow', { ...asked, proof })
    await refetch('/api/v1/skills')
    onClose()
  }
  return (
    <Sheet
      title="Let one in without a review"
      onClose={onClose}
      actions={
        <>
          <Button kind="ink" onClick={onClose}>
            Cancel
          </Button>
          <Button
            icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
            disabled={!ready || act.busy}
            onClick={() => act.run(save)}
          >
            Allow…
          </Button>
        </>
      }
    >
      <Field
        data-first
        label="Name"
        maxLength={64}
        value={name}
        onChange={({ target }) => set({ name: target.value.trim() })}
      />
      <Field
        label="SHA-256"
        note="64 digits, as `sallyport skills show` prints them."
        error={hash === '' || isHash ? undefined : 'This is not a SHA-256 in small hex digits.'}
        value={hash}
        onChange={({ target }) => set({ hash: target.value.trim() })}
      />
      <Field
        label="From"
        note="Path or address, exactly as it is taken from there."
        value={source}
        onChange={({ target }) => set({ source: target.value })}
      />
      <Choice
        label="Serves"
        value={to}
        options={[
          ['internal', 'agents inside'],
          ['external', 'everybody, once it has served inside'],
        ]}
        onChange={(value) => set({ to: value })}
      />
      <TextField
        label="Reason"
        maxLength={500}
        value={reason}
        onChange={({ target }) => set({ reason: target.value })}
      />
      {act.problem !== undefined && <Failure what="Nothing was allowed." problem={act.problem} />}
    </Sheet>
  )
}
