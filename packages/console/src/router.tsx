import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useRouterState,
} from '@tanstack/react-router'
import { isBare, PAGES } from './routes.tsx'
import { PageFailed } from './shell/page-failed.tsx'
import { NotFound } from './shell/not-found.tsx'
import { Shell } from './shell/shell.tsx'
import { Start } from './shell/start.tsx'

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound })

function Frame() {
  const path = useRouterState({ select: ({ location }) => location.pathname })
  return isBare(path) ? (
    <Outlet />
  ) : (
    <Shell>
      <Outlet />
    </Shell>
  )
}

const start = createRoute({ getParentRoute: () => root, path: '/', component: Start })
const pages = PAGES.map(({ path, load }) => {
  const component = lazyRouteComponent(load, 'Page')
  return createRoute({ getParentRoute: () => root, path: `${path}/$`, component })
})

/** Search parameters are plain words, so that an address can be read and typed. */
export const router = createRouter({
  routeTree: root.addChildren([start, ...pages]),
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
    return pairs.length === 0
      ? ''
      : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`
  },
})
