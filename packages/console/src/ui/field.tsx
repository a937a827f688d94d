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
  ref,
  ...rest
}: Common & InputHTMLAttributes<HTMLInputElement> & { readonly ref?: Ref<HTMLInputElement> }) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        ref={ref}
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
      />
      <Note id={`${id}-note`} note={note} error={error} />
    </div>
  )
}

/** A labelled field of several lines. */
export function TextField({
  label,
  note,
  error,
  ref,
  ...rest
}: Common & TextareaHTMLAttributes<HTMLTextAreaElement> & { readonly ref?: Ref<HTMLTextAreaElement> }) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        rows={2}
        {...rest}
        ref={ref}
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
      />
      <Note id={`${id}-note`} note={note} error={error} />
    </div>
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
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
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
