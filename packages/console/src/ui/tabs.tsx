import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import styles from './tabs.module.css'

interface Tab {
  readonly id: string
  readonly words: ReactNode
  readonly count?: number | undefined
}

interface TabsProps {
  readonly label: string
  readonly tabs: readonly Tab[]
  readonly current: string
  /** The search parameter that holds the tab: every tab has an address. */
  readonly param?: string
  readonly form?: 'line' | 'segments'
}

/** Tabs as links that change one search parameter. */
export function Tabs({ label, tabs, current, param = 'tab', form = 'line' }: TabsProps) {
  return (
    <nav aria-label={label} className={cx(styles.tabs, styles[form])}>
      {tabs.map(({ id, words, count }) => (
        <Link
          key={id}
          to="."
          search={(before: Record<string, unknown>) => ({ ...before, [param]: id })}
          className={cx(styles.tab, id === current && styles.current)}
          aria-current={id === current ? 'page' : undefined}
        >
          {words}
          {count !== undefined && count > 0 && <span className="num"> {count > 99 ? '99+' : count}</span>}
        </Link>
      ))}
    </nav>
  )
}
