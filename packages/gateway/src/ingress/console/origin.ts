/** How people reach the console, and what their passkeys are bound to (WebAuthn). */
export interface ConsoleOrigin {
  /** The one origin that requests may come from, as browsers write it. */
  readonly origin: string
  /** Relying party of passkeys: the host name without a port. */
  readonly rpId: string
  /** The one value of `Host`. */
  readonly host: string
  /** Other names of the listener: a browser that goes there is sent to `origin`, anything else is refused. */
  readonly aliases: ReadonlySet<string>
  readonly isSecure: boolean
  /** `__Host-`: only over TLS, only for this host, only for `/` (RFC 6265bis section 4.1.3.2). */
  readonly cookie: '__Host-sallyport' | 'sallyport'
}

interface Settings {
  readonly name: string
  readonly bind: string
  readonly tls: unknown
  readonly url?: string | undefined
}

/** @param port the one that is listened on */
export function consoleOrigin({ name, bind, tls, url }: Settings, port: number): ConsoleOrigin {
  const isOwnTls = tls !== 'off'
  const at = (host: string): string => (port === (isOwnTls ? 443 : 80) ? host : `${host}:${port}`)
  const local = `${isOwnTls ? 'https' : 'http'}://${at(isOwnTls ? name : 'localhost')}`
  const { origin, host, hostname, protocol } = new URL(url ?? local)
  const literal = bind.includes(':') ? `[${bind}]` : bind
  const names = ['localhost', '127.0.0.1', '[::1]', name, literal].map(at)
  const isSecure = protocol === 'https:'
  return {
    ...{ origin, host, rpId: hostname, isSecure },
    aliases: new Set(names.filter((one) => one !== host)),
    cookie: isSecure ? '__Host-sallyport' : 'sallyport',
  }
}
