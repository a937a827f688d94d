import { describe, expect, it } from 'vitest'
import { requireSafeBind } from '../../packages/gateway/src/ingress/api/safe-bind.ts'
import { TrustedProxies } from '../../packages/gateway/src/ingress/api/peer.ts'
import { requireSafeConsole, type ConsoleOptions } from '../../packages/gateway/src/ingress/console/console-listener.ts'

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
      expect(() => requireSafeConsole(settings({ bind }))).toThrow(/allowPublicBind/)
      expect(() => requireSafeConsole(settings({ bind, tls: undefined, allowPublicBind: true }))).toThrow(/needs TLS/)
      expect(() => requireSafeConsole(settings({ bind, allowPublicBind: true }))).not.toThrow()
    },
  )

  it.each(['127.0.0.1', '::1'])('E-21: %s may do without TLS', (bind) => {
    expect(() => requireSafeConsole(settings({ bind, tls: undefined }))).not.toThrow()
  })

  it('a name is no address to bind to, and a public URL without a trusted proxy is refused', () => {
    expect(() => requireSafeConsole(settings({ bind: 'localhost' }))).toThrow(/not an IP address/)
    const url = 'https://gate.example.com'
    expect(() => requireSafeConsole(settings({ url }))).toThrow(/tls: off/)
    expect(() => requireSafeConsole(settings({ url, tls: undefined }))).toThrow(/trustedProxies/)
    const proxies = new TrustedProxies(['127.0.0.1'])
    expect(() => requireSafeConsole(settings({ url, tls: undefined, proxies }))).not.toThrow()
  })
})

describe('where agents come in', () => {
  const at = (bind: string, hasTls: boolean, allowPublicBind: boolean) => () =>
    requireSafeBind({ where: 'gateway', bind, hasTls, allowPublicBind })
  it.each(['0.0.0.0', '::', '192.168.7.7', '127.0.0.2', '::ffff:127.0.0.1', '2001:db8::1'])(
    'AC-2.3.1 E-23 E-24: %s counts as exposed: no opt-in, no start; no TLS, no start',
    (bind) => {
      expect(at(bind, true, false)).toThrow(expect.objectContaining({ code: 'SP_CONFIG_INSECURE' }))
      expect(at(bind, true, false)).toThrow(/gateway\.bind .*allowPublicBind/)
      expect(at(bind, false, true)).toThrow(/gateway\.tls/)
      expect(at(bind, true, true)).not.toThrow()
    },
  )

  it('loopback may do without both, and a name is no address', () => {
    for (const bind of ['127.0.0.1', '::1']) expect(at(bind, false, false)).not.toThrow()
    expect(at('localhost', true, true)).toThrow(/not an IP address/)
  })
})
