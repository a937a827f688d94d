import type { BindingFacts, Listener } from '@sallyport/core'
import { requiresTls } from '../../config/console-schema.ts'
import type { Config } from '../../config/schema.ts'

/** What a configuration lets listen on TCP, as the checks of SEC-2.3 want it. Every listener asks who is there (E-29). */
export function bindingFactsOf(config: Config, bypasses: readonly string[], forwardedSeen: boolean): BindingFacts {
  const { gateway, egress } = config
  const listeners: Listener[] = []
  const add = (name: string, address: string, port: number, tls: boolean): void =>
    void listeners.push({ name, address, port, authenticated: true, tls, console: name === 'console' })
  if (gateway.port !== undefined) add('agents', gateway.bind, gateway.port, gateway.tls !== 'off')
  if (config.console.port !== undefined)
    add('console', config.console.bind, config.console.port, config.console.tls !== 'off')
  if (egress.listen !== undefined) {
    const at = egress.listen.lastIndexOf(':')
    add('egress', egress.listen.slice(0, at), Number(egress.listen.slice(at + 1)), false)
  }
  return {
    ...{ listeners, bypasses, forwardedSeen },
    allowPublicBind: gateway.allowPublicBind,
    trustedProxies: gateway.trustedProxies,
    requireTls: requiresTls(config.console),
  }
}
