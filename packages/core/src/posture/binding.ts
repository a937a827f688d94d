import { addressFacts } from '../net/address.ts'
import type { PostureFinding, PostureSeverity } from './finding.ts'

/** Where a listener can be reached from; `unknown` (a name, or no address) counts as exposed. */
export type Reach = 'loopback' | 'everywhere' | 'public' | 'private' | 'unknown'

/** Every address but loopback is exposed (E-24). */
export function reachOf(address: string): Reach {
  const bare = address.replace(/^\[(.*)\]$/, '$1')
  if (bare === 'localhost') return 'loopback'
  const facts = addressFacts(bare)
  if (facts === undefined) return 'unknown'
  if (facts.class === 'loopback') return 'loopback'
  if (UNSPECIFIED.has(facts.address)) return 'everywhere'
  return facts.class === 'public' ? 'public' : 'private'
}

const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** A TCP listener of the gateway. */
export interface Listener {
  readonly name: string
  readonly address: string
  readonly port: number
  /** Whether every entry that is not public asks who is there. */
  readonly authenticated: boolean
  readonly tls: boolean
  /** Whether browsers are meant to open it. */
  readonly console: boolean
}

/** What the checks of SEC-2.3 and SEC-2.4 look at. */
export interface BindingFacts {
  readonly listeners: readonly Listener[]
  readonly allowPublicBind: boolean
  /** Networks whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[]
  /** Whether requests with forwarded headers have come. */
  readonly forwardedSeen: boolean
  /** Whether plain HTTP is refused. */
  readonly requireTls: boolean
  /** Options of other products that switch protection off, as the configuration spells them. */
  readonly bypasses: readonly string[]
}

/** Switches that exist elsewhere and not here (E-29). */
export const BYPASSES: Readonly<Record<string, string>> = Object.freeze({
  dangerouslyDisableDeviceAuth: 'devices would be let in without being paired',
  allowInsecureAuth: 'credentials would be taken over plain HTTP',
})

/** Network binding and TLS of what listens (AC-2.3.1–AC-2.3.4, AC-2.4.3, AC-2.4.4, ND-2.3.a, E-21, E-23, E-24). */
export function bindingFindings(facts: BindingFacts): readonly PostureFinding[] {
  return [
    ...facts.listeners.flatMap((listener) => [...exposure(listener, facts), ...plainConsole(listener, facts)]),
    ...forwarded(facts),
    ...facts.bypasses.map((name): PostureFinding => ({
      id: 'gateway.control_ui_insecure',
      severity: 'critical',
      subject: name,
      detail: `${name} is set: ${BYPASSES[name] ?? 'it would switch a protection off'}. The option is deprecated elsewhere and was never built here.`,
      remediation: `Remove ${name} from the configuration.`,
    })),
  ]
}

const BACK = 'Bind it to 127.0.0.1 and reach it through a tunnel or a proxy that authenticates.'

/** ND-2.3.a as E-23 settles it: opt-in, authentication and TLS together make an open bind a decision. */
function exposure(listener: Listener, { allowPublicBind }: BindingFacts): readonly PostureFinding[] {
  const { address, authenticated, tls } = listener
  const reach = reachOf(address)
  const found = (id: string, severity: PostureSeverity, detail: string, remediation: string): PostureFinding[] => [
    { id, severity, subject: subjectOf(listener), detail, remediation },
  ]
  if (reach === 'loopback') {
    if (authenticated) return []
    return found(
      'gateway.bind_no_auth',
      'medium',
      'Everybody on this machine is let in without a credential.',
      'Switch authentication on.',
    )
  }
  if (!authenticated)
    return found(
      'gateway.public_bind_no_auth',
      'critical',
      `It can be reached from ${SEEN_FROM[reach]}, and nobody is asked for a credential.`,
      `Switch authentication on. ${BACK}`,
    )
  if (!allowPublicBind)
    return found(
      'gateway.public_bind',
      'critical',
      `It can be reached from ${SEEN_FROM[reach]}, and the configuration does not say that this is meant.`,
      `${BACK} Or set allowPublicBind: true, with TLS.`,
    )
  if (!tls)
    return found(
      'gateway.public_bind_no_tls',
      'medium',
      `It can be reached from ${SEEN_FROM[reach]}, and credentials travel in clear.`,
      'Give it a certificate, or let it make its own (tls: auto).',
    )
  return found(
    'gateway.public_bind',
    'info',
    `It can be reached from ${SEEN_FROM[reach]}: on purpose, with authentication and TLS.`,
    'Nothing to do. Close it when it is no longer needed.',
  )
}

function plainConsole(listener: Listener, { requireTls }: BindingFacts): readonly PostureFinding[] {
  if (!listener.console || requireTls || reachOf(listener.address) === 'loopback') return []
  return [
    {
      id: 'gateway.control_ui_plain',
      severity: 'medium',
      subject: subjectOf(listener),
      detail:
        'Plain HTTP requests to the console are answered with a redirect; whoever is on the way can answer first.',
      remediation: 'Set requireTls: true.',
    },
  ]
}

function forwarded({ trustedProxies, forwardedSeen, listeners }: BindingFacts): readonly PostureFinding[] {
  if (!forwardedSeen || trustedProxies.length > 0) return []
  return [
    {
      id: 'gateway.proxy_no_trusted',
      severity: 'medium',
      subject: listeners.map(subjectOf).join(', '),
      detail:
        'Requests with forwarded headers have come, and no proxy is trusted: all its clients share one address here.',
      remediation: 'Name the address of the proxy under trustedProxies, or keep it from sending these headers.',
    },
  ]
}

const subjectOf = ({ name, address, port }: Listener): string =>
  `${name} ${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:${port}`

const SEEN_FROM: Readonly<Record<Exclude<Reach, 'loopback'>, string>> = {
  everywhere: 'every network this machine is in',
  public: 'the internet',
  private: 'its local network',
  unknown: 'wherever its name leads',
}
