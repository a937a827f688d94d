import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { cx } from './cx.ts'
import styles from './button.module.css'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `ink` is the one heavy button of a view; `stop` ends something; `quiet` has no edge; `plain` the rest. */
  readonly kind?: 'plain' | 'ink' | 'quiet' | 'stop'
  readonly small?: boolean
  readonly icon?: ReactNode
  /** Key shown in the button, e.g. `A`. */
  readonly hint?: string
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button; its words are a verb with its object. */
export function Button({ kind = 'plain', small = false, icon, hint, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={cx(styles.button, styles[kind], small && styles.small, className)}>
      {icon}
      {children !== undefined && <span>{children}</span>}
      {hint !== undefined && <Key>{hint}</Key>}
    </button>
  )
}

/** A button of which only the icon is seen; `label` is its name and tooltip. */
export function IconButton({ label, children, ...rest }: Omit<ButtonProps, 'icon' | 'hint'> & { label: string }) {
  return (
    <Button kind="quiet" small {...rest} aria-label={label} title={label} className={cx(styles.icon, rest.className)}>
      {children}
    </Button>
  )
}

/** A key of the keyboard. */
export function Key({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className={styles.key} aria-hidden="true">
      {children}
    </kbd>
  )
}
