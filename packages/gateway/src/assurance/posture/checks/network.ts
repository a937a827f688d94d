import { bindingFindings, reachOf, registrableDomain } from '@sallyport/core'
import { bindingFactsOf } from '../binding-facts.ts'
import { check, foundOr, type Found } from '../check.ts'
import type { Config } from '../../../config/schema.ts'
import { counted, listed } from '../words.ts'

const DAY = 86_400_000
/** Whether anybody can have a name directly below it (public suffix list). */
const isOpenEnding = (ending: string): boolean => registrableDomain(`x.${ending}`) === `x.${ending}`

/** Bits of a block's prefix that make it wide: more than 65 536 addresses, or 2⁶⁴. */
function isWide(block: string): boolean {
  const [address = '', bits] = block.split('/')
  if (bits === undefined) return false
  return Number(bits) < (address.includes(':') ? 64 : 16)
}

/** A URL in clear to somewhere else than this machine. */
function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && reachOf(hostname) !== 'loopback' && !hostname.endsWith('.localhost')
}

/** Everything in the configuration that talks to somebody, and whether in clear. */
function plainChannels({ servers, approvals, alerts, metrics, vault }: Config): readonly Found[] {
  const found: Found[] = []
  const add = (severity: Found['severity'], subject: string, what: string): void =>
    void found.push({ severity, subject, detail: `${what} in clear; whoever is on the way reads and changes it.` })
  for (const [name, { url }] of Object.entries(servers))
    if (url !== undefined && isPlain(url)) add('high', `servers.${name}.url`, 'Calls and results of this server go')
  if (approvals.webhook !== undefined && isPlain(approvals.webhook.url))
    add('medium', 'approvals.webhook.url', 'Questions and answers go')
  if (approvals.slack !== undefined && isPlain(approvals.slack.url))
    add('medium', 'approvals.slack.url', 'Questions go')
  for (const [name, sink] of Object.entries(alerts.sinks)) {
    const at = `alerts.sinks.${name}`
    if ('url' in sink && sink.url !== undefined && isPlain(sink.url)) add('medium', at, 'Alerts go')
    if (sink.type === 'syslog' && ['udp', 'tcp'].includes(sink.protocol) && reachOf(sink.host ?? '') !== 'loopback')
      add('low', at, 'Alerts go')
  }
  if (metrics.otlp !== undefined && isPlain(metrics.otlp.url)) add('low', 'metrics.otlp.url', 'Metrics go')
  const { hashicorp } = vault.backends
  if (hashicorp !== undefined && isPlain(hashicorp.address)) add('high', 'vault.backends.hashicorp', 'Secrets come')
  return found
}

export const NETWORK_CHECKS = [
  check({
    ...{
      id: 'network.ssrf',
      category: 'network',
      severities: ['medium', 'low'],
      requirements: ['HB-128', 'SEC-6.5'],
    },
    title: 'Requests to addresses inside are refused, but for named exceptions.',
    why: 'An agent could reach metadata services, databases and consoles that trust whoever is inside.',
    remediation: 'Name single addresses under egress.exceptions, and remove what is over.',
    needs: ['config'],
    run: ({ config: { config, file }, now }) =>
      foundOr(
        Object.entries(config.egress.exceptions).flatMap(([host, { addresses, expires, by }]): Found[] => {
          const subject = `egress.exceptions.${host}`
          const place = file === undefined ? {} : { file }
          if (Date.parse(expires) + DAY < now)
            return [
              {
                ...{
                  severity: 'low',
                  subject,
                  detail: `This exception ended on ${expires}; it does nothing.`,
                  ...place,
                },
                ...(file === undefined ? {} : { fix: { kind: 'remove', file, at: ['egress', 'exceptions', host] } }),
              },
            ]
          const wide = addresses.filter(isWide)
          return [
            wide.length === 0
              ? {
                  severity: 'low',
                  subject,
                  detail: `It leads to ${listed(addresses)}: by ${by} until ${expires}.`,
                  ...place,
                }
              : { severity: 'medium', subject, detail: `It opens ${listed(wide)}, a whole network.`, ...place },
          ]
        }),
        `${counted(Object.keys(config.egress.exceptions).length, 'exception')}`,
      ),
  }),
  check({
    ...{ id: 'network.ssrf_probe', category: 'network', severities: ['critical'], requirements: ['HB-128', 'T-116'] },
    title: 'The way out of the gateway, asked for addresses inside, refuses them (--deep).',
    why: 'Whoever reaches a metadata service gets the credentials of this machine.',
    remediation: 'Remove the address from egress.exceptions; where there is none, stop the gateway and report this.',
    needs: ['deep'],
    run: ({ deep: { ssrf } }) => {
      if (ssrf.state !== 'known') return ssrf
      return foundOr(
        ssrf.value
          .filter(({ ok }) => !ok)
          .map(({ what, said }): Found => ({
            severity: 'critical',
            subject: what,
            detail: `It was not refused: ${said}.`,
          })),
        `${counted(ssrf.value.length, 'form')} of addresses inside, all refused`,
      )
    },
  }),
  check({
    ...{
      id: 'network.egress_allowlist',
      category: 'network',
      severities: ['high', 'medium'],
      requirements: ['HB-129'],
    },
    title: 'What may be reached is a list of known hosts.',
    why: 'Data can be carried to any name that somebody registers below an open ending.',
    remediation: 'Name the hosts that are needed, or say with `allow` which requests may pass.',
    needs: ['config'],
    run: ({ config: { config, file } }) => {
      const place = file === undefined ? {} : { file }
      const lists: readonly (readonly [string, readonly string[]])[] = [
        ...Object.entries(config.egress.rules).map(
          ([name, rule]) => [`egress.rules.${name}`, rule.hosts ?? []] as const,
        ),
        ...Object.entries(config.servers).flatMap(([name, { requests }]) =>
          requests === undefined
            ? []
            : [
                [
                  `servers.${name}.requests`,
                  [...(requests.web_fetch?.hosts ?? []), ...(requests.http?.hosts ?? [])],
                ] as const,
              ],
        ),
      ]
      const found = lists.flatMap(([subject, hosts]): Found[] => {
        const open = hosts.filter((host) => {
          const [, ending] = /^\*\.([^:]+)(?::.*)?$/.exec(host.toLowerCase()) ?? []
          return ending !== undefined && isOpenEnding(ending)
        })
        const ports = hosts.filter((host) => host.endsWith(':*'))
        return [
          ...(open.length === 0
            ? []
            : [
                {
                  severity: 'high',
                  subject,
                  detail: `${listed(open)}: anybody can have a name there.`,
                  ...place,
                } as const,
              ]),
          ...(ports.length === 0
            ? []
            : [{ severity: 'medium', subject, detail: `${listed(ports)}: every port is open.`, ...place } as const]),
        ]
      })
      return foundOr(found, `${counted(lists.length, 'list')} of hosts; everything else is asked about or refused`)
    },
  }),
  check({
    ...{ id: 'network.a2a_tokens', category: 'network', severities: ['high', 'medium'], requirements: ['HB-130'] },
    title: 'Tokens of connected agents are hashed at rest and change on a schedule.',
    why: 'A copy of the store would be enough to speak for a peer, for ever.',
    remediation: 'Rotate the token, and give it a schedule.',
    needs: ['peers'],
    run: ({ peers, now }) =>
      foundOr(
        peers.flatMap(({ name, tokenHashed, rotateEvery, rotatedAt }): Found[] => [
          ...(tokenHashed
            ? []
            : [{ severity: 'high', subject: name, detail: 'Its token is stored in clear.' } as const]),
          ...(rotateEvery > 0 && rotatedAt + rotateEvery >= now
            ? []
            : [{ severity: 'medium', subject: name, detail: 'Its token was not changed on schedule.' } as const]),
        ]),
        `${counted(peers.length, 'peer')} with hashed tokens`,
      ),
  }),
  check({
    ...{
      id: 'network.tls',
      category: 'network',
      severities: ['high', 'medium', 'low'],
      requirements: ['HB-131', 'E-21'],
    },
    title: 'Everything that leaves this machine is encrypted on the way.',
    why: 'Whoever is on the way reads credentials and results, and can change them.',
    remediation: 'Use an https address (for syslog: protocol tls).',
    needs: ['config'],
    run: ({ config: { config, file } }) =>
      foundOr(
        plainChannels(config).map((one) => (file === undefined ? one : { ...one, file })),
        'Channels to other machines are encrypted',
      ),
  }),
]

/** Checks of SEC-2.3 and SEC-2.4, one for each id that `bindingFindings` may return. */
const BINDING = [
  [
    ...([
      'gateway.bind_no_auth',
      ['medium'],
      ['ND-2.3.a'],
      'Every listener on this machine asks for a credential.',
    ] as const),
    'Every program of this machine would be let in.',
  ],
  [
    ...([
      'gateway.public_bind_no_auth',
      ['critical'],
      ['AC-2.3.3'],
      'Every exposed listener asks for a credential.',
    ] as const),
    'Everybody in that network would be let in.',
  ],
  [
    ...([
      'gateway.public_bind',
      ['critical', 'info'],
      ['AC-2.3.1', 'E-23'],
      'What is exposed is exposed on purpose.',
    ] as const),
    'A door that nobody meant to open is one that nobody watches.',
  ],
  [
    ...(['gateway.public_bind_no_tls', ['medium'], ['E-21', 'E-23'], 'Exposed listeners have TLS.'] as const),
    'Credentials could be read on the way, and used.',
  ],
  [
    ...(['gateway.control_ui_plain', ['medium'], ['AC-2.4.3'], 'An exposed console refuses plain HTTP.'] as const),
    'Whoever answers first could show a console of their own.',
  ],
  [
    ...([
      'gateway.proxy_no_trusted',
      ['medium'],
      ['AC-2.3.2'],
      'Forwarded headers come from a proxy that is named.',
    ] as const),
    'Limits and the log would take all clients of the proxy for one, or a forged address for a real one.',
  ],
  [
    ...([
      'gateway.control_ui_insecure',
      ['critical'],
      ['AC-2.4.4', 'E-29'],
      'No option switches the sign-in off.',
    ] as const),
    'The console would let in whoever finds it.',
  ],
] as const

export const BINDING_CHECKS = BINDING.map(([id, severities, requirements, title, why]) =>
  check({
    ...{ id, category: 'gateway', severities, requirements, title, why },
    remediation: 'Bind it to 127.0.0.1 and reach it through a tunnel or a proxy that authenticates.',
    needs: ['config'],
    run({ config: { config, bypasses, bypassPlaces = [], file } }, { gateway }) {
      const isSeen = gateway.state === 'known' && gateway.value.forwardedSeen
      const facts = bindingFactsOf(config, bypasses, isSeen)
      const own = bindingFindings(facts).filter((one) => one.id === id)
      const placed = own.map((one): Found => {
        const at = bypassPlaces.find((place) => place.at(-1) === one.subject)
        if (file === undefined) return one
        return at === undefined ? { ...one, file } : { ...one, file, fix: { kind: 'remove', file, at } }
      })
      return foundOr(placed, `${counted(facts.listeners.length, 'listener')} on TCP`)
    },
  }),
)
