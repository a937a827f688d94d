import {
  Activity,
  Bell,
  Bot,
  Globe,
  HeartPulse,
  Inbox,
  KeyRound,
  PackageSearch,
  Plug,
  Scale,
  ScrollText,
  Settings,
  Waypoints,
  type LucideIcon,
} from 'lucide-react'
import type { ComponentType } from 'react'
import { Page as Approvals } from './pages/approvals/page.tsx'

interface PageModule {
  readonly Page: ComponentType
}

export type Group = 'Decide' | 'Control' | 'Assure' | 'foot'

/** One page. What follows `path` in the address names an object; `useObject()` gives its parts. */
export interface PageRoute {
  readonly path: string
  readonly load: () => Promise<PageModule>
  readonly nav?: NavEntry
  /** Without sidebar and without a session. */
  readonly bare?: true
}

interface NavEntry {
  readonly group: Group
  readonly words: string
  readonly icon: LucideIcon
  /** Pressed after `g`. */
  readonly key?: string
}

/** A line of the sidebar. */
export type NavItem = NavEntry & { readonly path: string }

const nav = (group: Group, words: string, icon: LucideIcon, key?: string): NavEntry =>
  key === undefined ? { group, words, icon } : { group, words, icon, key }

/** Every page of the console; approvals comes with the first load, the others when they are opened. */
export const PAGES: readonly PageRoute[] = [
  { path: '/approvals', load: async () => ({ Page: Approvals }), nav: nav('Decide', 'Approvals', Inbox, 'a') },
  { path: '/activity', load: () => import('./pages/activity/page.tsx'), nav: nav('Decide', 'Activity', Activity, 'v') },
  {
    path: '/sessions',
    load: () => import('./pages/sessions/page.tsx'),
    nav: nav('Decide', 'Sessions', Waypoints, 's'),
  },
  { path: '/log', load: () => import('./pages/log/page.tsx'), nav: nav('Decide', 'Log', ScrollText, 'l') },
  { path: '/policies', load: () => import('./pages/policies/page.tsx'), nav: nav('Control', 'Policies', Scale, 'p') },
  { path: '/tools', load: () => import('./pages/tools/page.tsx'), nav: nav('Control', 'Tools & servers', Plug) },
  { path: '/agents', load: () => import('./pages/agents/page.tsx'), nav: nav('Control', 'Agents', Bot) },
  {
    path: '/credentials',
    load: () => import('./pages/credentials/page.tsx'),
    nav: nav('Control', 'Credentials', KeyRound),
  },
  { path: '/egress', load: () => import('./pages/egress/page.tsx'), nav: nav('Control', 'Egress', Globe) },
  { path: '/supply', load: () => import('./pages/supply/page.tsx'), nav: nav('Assure', 'Supply chain', PackageSearch) },
  { path: '/alerts', load: () => import('./pages/alerts/page.tsx'), nav: nav('Assure', 'Alerts', Bell) },
  { path: '/health', load: () => import('./pages/health/page.tsx'), nav: nav('Assure', 'Health', HeartPulse, 'h') },
  { path: '/settings', load: () => import('./pages/settings/page.tsx'), nav: nav('foot', 'Settings', Settings) },
  { path: '/sign-in', load: () => import('./pages/sign-in/page.tsx'), bare: true },
  { path: '/setup', load: () => import('./pages/setup/page.tsx'), bare: true },
]

/** Whether the page of this path stands without the shell and without a session. */
export const isBare = (path: string): boolean => PAGES.some((page) => page.bare === true && path.startsWith(page.path))
