/** Cookies of the console: never readable by scripts, never sent to a subdomain or over plain HTTP of another host. */
export interface Cookies {
  /** `__Host-sallyport`; without TLS, which only loopback may be, `sallyport`. */
  readonly session: string
  /** Binds a set-up link or a pairing code to the browser that redeemed it. */
  readonly bound: string
  /** Kept while the browser is at the company's sign-in; comes back with its answer, so it is `Lax`. */
  readonly company: string
  readonly set: (name: string, value: string, seconds: number, sameSite?: 'Strict' | 'Lax') => string
  readonly clear: (name: string) => string
}

const VALUE = /^[A-Za-z0-9_.~-]{1,3000}$/

export function createCookies(secure: boolean): Cookies {
  const name = (plain: string): string => (secure ? `__Host-${plain}` : plain)
  const attributes = (sameSite: string): string => `Path=/; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`
  return {
    session: name('sallyport'),
    bound: name('sallyport-bound'),
    company: name('sallyport-company'),
    set: (cookie, value, seconds, sameSite = 'Strict') => {
      if (!VALUE.test(value)) throw new RangeError('Not a value for a cookie.')
      return `${cookie}=${value}; Max-Age=${Math.floor(seconds)}; ${attributes(sameSite)}`
    },
    clear: (cookie) => `${cookie}=; Max-Age=0; ${attributes('Strict')}`,
  }
}

/** Value of the one cookie of that name; undefined when there is none, or more than one (whose is it then?). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  return values.length === 1 ? values[0] : undefined
}
