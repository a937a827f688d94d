const BARE: readonly string[] = ['sign-in', 'setup']

/** `next` where it is an address of one of the router's pages, else the start page: nothing leads elsewhere. */
export function safeNext(next: string, routes: readonly string[]): string {
  if (!/^\/(?![/\\])/.test(next) || next.includes('\\')) return '/'
  const { origin, pathname } = new URL(next, location.origin)
  const page = pathname.split('/')[1] ?? ''
  const known = routes.some((route) => route.split('/')[1] === page) && !BARE.includes(page)
  return origin === location.origin && known ? next : '/'
}
