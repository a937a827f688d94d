import { Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Field } from '../../ui/field.tsx'
import styles from './page.module.css'

const normal = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '')

/** The recovery codes, shown once; typing one proves that they were kept. */
export function Codes({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }) {
  const [typed, setTyped] = useState('')
  const kept = codes.some((code) => normal(code) === normal(typed))
  const text = codes.join('\n')
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (kept) onDone()
      }}
    >
      <h1>Keep these codes</h1>
      <p className={styles.lead}>
        Each lets you in once when the passkey is lost, and makes a new one. They are not shown again.
      </p>
      <ol className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className={styles.acts}>
        <Copy text={text} label="Copy all" />
        <Button
          small
          icon={<Download size={14} aria-hidden="true" />}
          onClick={() => {
            const link = document.createElement('a')
            link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }))
            link.download = 'sallyport-recovery-codes.txt'
            link.click()
            URL.revokeObjectURL(link.href)
          }}
        >
          Download
        </Button>
      </div>
      <Field
        label="Type one of them"
        note="So that it is certain that you have them."
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <div className={styles.acts}>
        <Button type="submit" kind="ink" disabled={!kept}>
          I have them
        </Button>
      </div>
    </form>
  )
}
