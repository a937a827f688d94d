import { describe, expect, it } from 'vitest'
import { TrustedProxies } from '../../packages/gateway/src/ingress/api/peer.ts'
import { requireSafeBind, type ConsoleOptions } from '../../packages/gateway/src/ingress/console/console-listener.ts'

const PEM = { cert: '', key: '' }
const settings = (changed: Partial<ConsoleOptions>): ConsoleOptions => ({
  ...{ port: 0, bind: '127.0.0.1', name: 'sallyport.localhost', tls: PEM, requireTls: false, allowPublicBind: false },
  proxies: new TrustedProxies([]),
  ...changed,
})

describe('where the console listens', () => {
  it.each(['0.0.0.0', '::', '192.168.7.7', '10.0.0.1', '127.0.0.2', '::ffff:127.0.0.1', '2001:db8::1', 'fe80::1'])(
    'AC-2.3.1 E-23 E-24: %s counts as exposed: no opt-in, no start; no TLS, no start',
    (bind) => {
      expect(() => requireSafeBind(settings({ bind }))).toThrow(/allowPublicBind/)
      expect(() => requireSafeBind(settings({ bind, tls: undefined, allowPublicBind: true }))).toThrow(/needs TLS/)
      expect(() => requireSafeBind(settings({ bind, allowPublicBind: true }))).not.toThrow()
    },
  )

  it.each(['127.0.0.1', '::1'])('E-21: %s may do without TLS', (bind) => {
    expect(() => requireSafeBind(settings({ bind, tls: undefined }))).not.toThrow()
  })

  it('a name is no address to bind to, and a public URL without a trusted proxy is refused', () => {
    expect(() => requireSafeBind(settings({ bind: 'localhost' }))).toThrow(/not an IP address/)
    const url = 'https://gate.example.com'
    expect(() => requireSafeBind(settings({ url }))).toThrow(/tls: off/)
    expect(() => requireSafeBind(settings({ url, tls: undefined }))).toThrow(/trustedProxies/)
    const proxies = new TrustedProxies(['127.0.0.1'])
    expect(() => requireSafeBind(settings({ url, tls: undefined, proxies }))).not.toThrow()
  })
})
