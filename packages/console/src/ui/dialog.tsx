import { X } from 'lucide-react'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { IconButton } from './button.tsx'
import { cx } from './cx.ts'
import styles from './dialog.module.css'

export interface DialogProps {
  readonly title: ReactNode
  /** Esc, the cross, or the way a form ends. */
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons, the safe one first in reading order. */
  readonly actions?: ReactNode
  /** `centre` on wide screens, a sheet from below on phones; `side` comes from the right. */
  readonly place?: 'centre' | 'side' | 'top'
  readonly className?: string | undefined
}

/**
 * A modal `<dialog>`: focus stays inside and goes back where it was. Mounted means open. What shall have the focus first has
 * the attribute `data-first` (autoFocus comes too early: the dialog is not open then).
 */
export function Dialog({ title, onClose, children, actions, place = 'centre', className }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = ref.current
    const before = document.activeElement
    if (dialog !== null && !dialog.open) dialog.showModal()
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      className={cx(styles.dialog, styles[place], className)}
      aria-labelledby={heading}
      // a press beside the dialog leaves the focus where it is
      onMouseDown={(event) => {
        if (event.target === ref.current) event.preventDefault()
      }}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header className={styles.head}>
        <h2 id={heading}>{title}</h2>
        <IconButton label="Close" onClick={onClose}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </header>
      <div className={styles.body}>{children}</div>
      {actions !== undefined && <footer className={styles.actions}>{actions}</footer>}
    </dialog>
  )
}

/** A panel from the right, from below on phones. */
export const Sheet = (props: Omit<DialogProps, 'place'>) => <Dialog {...props} place="side" />
