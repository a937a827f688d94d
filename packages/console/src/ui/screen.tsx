import type { ReactNode } from 'react'
import { useTitle } from '../shell/title.ts'
import { cx } from './cx.ts'
import styles from './screen.module.css'

interface ScreenProps {
  readonly title: string
  /** What follows the title in small: counts, a time, a chip. */
  readonly aside?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** `reading` is one column with margins; `panes` gives the whole room to the children. */
  readonly form?: 'reading' | 'panes'
}

/** Head and room of a page; sets the title of the document. */
export function Screen({ title, aside, actions, children, form = 'reading' }: ScreenProps) {
  useTitle(title)
  return (
    <div className={styles.screen}>
      <header className={styles.head}>
        <h1>{title}</h1>
        {aside !== undefined && <div className={styles.aside}>{aside}</div>}
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      <div className={cx(styles.room, styles[form])}>{children}</div>
    </div>
  )
}

/** A card with an optional head. */
export function Card({ title, aside, children, flush = false }: CardProps) {
  return (
    <section className={cx(styles.card, flush && styles.flush)}>
      {title !== undefined && (
        <header className={styles.cardHead}>
          <h2>{title}</h2>
          {aside !== undefined && <div className={styles.cardAside}>{aside}</div>}
        </header>
      )}
      <div className={flush ? undefined : styles.cardBody}>{children}</div>
    </section>
  )
}

interface CardProps {
  readonly title?: ReactNode
  readonly aside?: ReactNode
  readonly children: ReactNode
  /** Children reach the edge: lists and tables. */
  readonly flush?: boolean
}
