import { Link } from '@tanstack/react-router'
import { Ellipsis, OctagonPause } from 'lucide-react'
import { useState } from 'react'
import { PAGES } from '../routes.tsx'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Dialog } from '../ui/dialog.tsx'
import { openStop } from './open.ts'
import { StatusLine } from './status-line.tsx'
import styles from './bottom-bar.module.css'

const FIRST = ['/approvals', '/activity', '/sessions']

/** Navigation below 768 px: three pages and the rest behind More. */
export function BottomBar({ waiting }: { readonly waiting: number }) {
  const [more, setMore] = useState(false)
  return (
    <nav className={styles.bar} aria-label="Pages">
      {PAGES.filter(({ path }) => FIRST.includes(path)).map(({ path, nav }) => {
        if (nav === undefined) return null
        const Icon = nav.icon
        return (
          <Link
            key={path}
            to={path}
            className={styles.item}
            activeProps={{ className: cx(styles.item, styles.current) }}
          >
            <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
            {nav.words}
            {path === '/approvals' && waiting > 0 && (
              <span className={cx(styles.badge, 'num')}>
                {waiting > 99 ? '99+' : waiting}
                <span className="hidden-text"> wait for you</span>
              </span>
            )}
          </Link>
        )
      })}
      <button type="button" className={styles.item} onClick={() => setMore(true)}>
        <Ellipsis size={20} strokeWidth={1.75} aria-hidden="true" />
        More
      </button>
      {more && <More onClose={() => setMore(false)} />}
    </nav>
  )
}

function More({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="More" onClose={onClose}>
      <ul className={styles.more}>
        {PAGES.map(({ path, nav }) => {
          if (nav === undefined || FIRST.includes(path)) return null
          const Icon = nav.icon
          return (
            <li key={path}>
              <Link to={path} onClick={onClose}>
                <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
                {nav.words}
              </Link>
            </li>
          )
        })}
      </ul>
      <Button
        kind="stop"
        icon={<OctagonPause size={16} aria-hidden="true" />}
        onClick={() => {
          onClose()
          openStop()
        }}
      >
        Stop agents
      </Button>
      <StatusLine />
    </Dialog>
  )
}
