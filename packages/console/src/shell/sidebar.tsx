import { Link } from '@tanstack/react-router'
import { OctagonPause, Search } from 'lucide-react'
import { useMe } from '../api/me.ts'
import { PAGES, type Group, type NavItem } from '../routes.tsx'
import { Key } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { initials } from './initials.ts'
import { useCounters } from './counters.ts'
import { Mark } from './mark.tsx'
import { openPalette, openStop } from './open.ts'
import { StatusLine } from './status-line.tsx'
import styles from './sidebar.module.css'

const ITEMS: readonly NavItem[] = PAGES.flatMap(({ path, nav }) => (nav === undefined ? [] : [{ ...nav, path }]))
const GROUPS: readonly Group[] = ['Decide', 'Control', 'Assure']

/** Navigation by the three jobs; a rail of icons between 768 and 1023 px. */
export function Sidebar({ waiting }: { readonly waiting: number }) {
  const { data: me } = useMe()
  const counters = useCounters()
  return (
    <aside className={styles.sidebar} aria-label="Sallyport">
      <div className={styles.top}>
        <Link to="/" className={styles.brand} aria-label="Sallyport, start page">
          <Mark />
          <span>Sallyport</span>
        </Link>
        {me?.gateway.environment !== undefined && <span className={styles.environment}>{me.gateway.environment}</span>}
      </div>
      <button type="button" className={styles.search} onClick={openPalette} aria-label="Search" title="Search">
        <Search size={15} strokeWidth={1.75} aria-hidden="true" />
        <span>Search</span>
        <Key>⌘K</Key>
      </button>
      <nav aria-label="Pages" className={styles.nav}>
        {GROUPS.map((group) => (
          <section key={group} aria-label={group}>
            <h2>{group}</h2>
            <ul>
              {ITEMS.filter((item) => item.group === group).map((item) => (
                <li key={item.path}>
                  <NavLink item={item} count={item.path === '/approvals' ? 0 : (counters.get(item.path) ?? 0)}>
                    {item.path === '/approvals' && waiting > 0 && (
                      <span className={cx(styles.badge, 'num')}>
                        {waiting > 99 ? '99+' : waiting}
                        <span className="hidden-text"> wait for you</span>
                      </span>
                    )}
                  </NavLink>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <div className={styles.foot}>
        <button type="button" className={styles.stop} onClick={openStop} aria-label="Stop agents" title="Stop agents">
          <OctagonPause size={16} strokeWidth={1.75} aria-hidden="true" />
          <span>Stop agents</span>
          <Key>⇧K</Key>
        </button>
        {ITEMS.filter(({ group }) => group === 'foot').map((item) => (
          <NavLink key={item.path} item={item} count={0} />
        ))}
        <StatusLine />
        {me !== undefined && (
          <Link to="/settings/profile" className={styles.person} title={`${me.name}, ${me.roles.join(', ')}`}>
            <span className={styles.avatar} aria-hidden="true">
              {initials(me.name)}
            </span>
            <span className={styles.name}>{me.name}</span>
            <span className={styles.role}>{me.roles.includes('admin') ? 'admin' : me.roles[0]}</span>
          </Link>
        )}
      </div>
    </aside>
  )
}

function NavLink({ item, count, children }: { item: NavItem; count: number; children?: React.ReactNode }) {
  const { path, words, icon: Icon } = item
  return (
    <Link
      to={path}
      className={styles.link}
      title={words}
      activeProps={{ className: cx(styles.link, styles.current), 'aria-current': 'page' }}
      inactiveProps={{}}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
      <span className={styles.words}>{words}</span>
      {children}
      {count > 0 && <span className={cx(styles.count, 'num')}>{count > 99 ? '99+' : count}</span>}
    </Link>
  )
}
