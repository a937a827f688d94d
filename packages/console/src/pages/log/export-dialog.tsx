import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import styles from './export-dialog.module.css'

interface ExportProps {
  readonly q: string
  readonly from: number
  readonly to: number
  readonly count: string
  readonly onClose: () => void
}

const FORMATS = [
  ['ndjson', 'NDJSON', 'One record a line, as it is stored.'],
  ['csv', 'CSV', 'For spreadsheets; nothing in it is taken for a formula.'],
  ['ocsf', 'OCSF', 'API Activity events (class 6003) for other tools.'],
] as const

/** What is found, as a file: the browser's own download shows how far it is. */
export function ExportDialog({ q, from, to, count, onClose }: ExportProps) {
  const [format, setFormat] = useState<string>('ndjson')
  const [proofs, setProofs] = useState(false)
  const address = `/api/v1/log/export?${new URLSearchParams({
    ...{ q: q === '' ? ' ' : q, from: String(from), to: String(to), format },
    ...(proofs ? { proofs: 'true' } : {}),
  }).toString()}`
  return (
    <Dialog
      title="Export records"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <a
            className={styles.download}
            href={address}
            download={`sallyport-log.${format === 'csv' ? 'csv' : 'ndjson'}`}
            onClick={onClose}
          >
            Export {count} records
          </a>
        </>
      }
    >
      <fieldset className={styles.choice}>
        <legend className="hidden-text">Format</legend>
        {FORMATS.map(([value, name, note]) => (
          <label key={value}>
            <input type="radio" name="format" checked={format === value} onChange={() => setFormat(value)} />
            {name} <span className={styles.note}>{note}</span>
          </label>
        ))}
      </fieldset>
      <label className={styles.proofs}>
        <input type="checkbox" checked={proofs} onChange={({ target }) => setProofs(target.checked)} />
        <span>
          With the proof of each record <span className={styles.note}>Takes about a millisecond a record.</span>
        </span>
      </label>
    </Dialog>
  )
}
