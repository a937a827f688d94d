import { useId, type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes } from 'react'
import styles from './field.module.css'

interface Common {
  readonly label: ReactNode
  /** One sentence under the field. */
  readonly note?: ReactNode
  /** What is wrong with what was entered, and what to do. */
  readonly error?: string | undefined
}

/** A labelled input. */
export function Field({
  label,
  note,
  error,
  ...rest
}: Common & InputHTMLAttributes<HTMLInputElement> & { readonly ref?: Ref<HTMLInputElement> }) {
  return (
    <Labelled label={label} note={note} error={error}>
      {(ids) => <input autoComplete="off" spellCheck={false} {...rest} {...ids} />}
    </Labelled>
  )
}

/** A labelled field of several lines. */
export function TextField({
  label,
  note,
  error,
  ...rest
}: Common & TextareaHTMLAttributes<HTMLTextAreaElement> & { readonly ref?: Ref<HTMLTextAreaElement> }) {
  return (
    <Labelled label={label} note={note} error={error}>
      {(ids) => <textarea rows={2} {...rest} {...ids} />}
    </Labelled>
  )
}

/** A labelled choice of one among few. */
export function Choice({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, words: string])[]
  readonly onChange: (value: string) => void
}) {
  return (
    <Labelled label={label}>
      {({ id }) => (
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
          {options.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  )
}

/** What ties a field to its label and to what is said under it. */
interface Ids {
  readonly id: string
  readonly 'aria-invalid': boolean
  readonly 'aria-describedby': string
}

function Labelled({ label, note, error, children }: Common & { readonly children: (ids: Ids) => ReactNode }) {
  const id = useId()
  const ids = { id, 'aria-invalid': error !== undefined, 'aria-describedby': `${id}-note` }
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(ids)}
      <Note id={`${id}-note`} note={note} error={error} />
    </div>
  )
}

function Note({ id, note, error }: { id: string; note: ReactNode; error: string | undefined }) {
  if (error !== undefined) {
    return (
      <p id={id} className={styles.error} role="alert">
        {error}
      </p>
    )
  }
  return note === undefined ? null : (
    <p id={id} className={styles.note}>
      {note}
    </p>
  )
}
