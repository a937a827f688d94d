import type { RawRoute } from '../api/matrix.ts'

const SHELL =
  'The empty frame of the console, the same bytes for everybody: it shows nothing before a session is proved to the API.'
const ASSET = 'Code and styles of the console, the same bytes for everybody; they are part of the product.'

/** Addresses of the console: path = object, so a link can be kept. The frame is the same for all of them. */
const PAGES = [
  '/',
  '/setup',
  '/sign-in',
  '/approvals',
  '/approvals/:id',
  '/activity',
  '/sessions',
  '/sessions/:id',
  '/log',
  '/log/:id',
  '/policies',
  '/policies/:part',
  '/policies/:part/:id',
  '/tools',
  '/tools/:server',
  '/tools/:server/:tool',
  '/tools/:server/diff/:tool',
  '/agents',
  '/agents/:name',
  '/credentials',
  '/credentials/:name',
  '/egress',
  '/egress/:part',
  '/egress/:part/:host',
  '/supply',
  '/supply/:kind',
  '/supply/:kind/:name',
  '/supply/:kind/:name/:version',
  '/alerts',
  '/alerts/:id',
  '/health/finding/:id',
  '/settings',
  '/settings/:part',
] as const

const open = (path: string, raw: 'page' | 'asset', justification: string): RawRoute => ({
  method: 'GET',
  path,
  plane: 'operator',
  scope: 'public',
  surfaces: ['console'],
  raw,
  summary: raw === 'page' ? 'A page of the console.' : 'A file of the console.',
  justification,
})

/** Static entries of the table; `GET /health` is the page where a browser goes there, and the answer for supervisors else. */
export const CONSOLE_ROUTES: readonly RawRoute[] = Object.freeze([
  ...PAGES.map((path) => open(path, 'page', SHELL)),
  ...['/assets/:file', '/favicon.svg', '/favicon.ico'].map((path) => open(path, 'asset', ASSET)),
])
