import { reachOf, type Json } from '@sallyport/core'
import type { Config } from '../../../config/schema.ts'
import { SECURITY_OPTIONS } from '../../../config/security-options.ts'
import { toAcknowledge, weakenings, type Weakening } from '../../../config/weakenings.ts'
import { acceptance } from '../acceptance.ts'
import { bindingFactsOf } from '../binding-facts.ts'
import { check, foundOr, type Found } from '../check.ts'
import type { ConfigFacts } from '../facts.ts'
import { riskyVariables } from '../variables.ts'
import { counted, listed } from '../words.ts'

const DAY = 86_400_000
const SOON = 14 * DAY
/** Strictest value of settings that a repair can put back. */
const STRICT: Readonly<Record<string, Json>> = {
  mode: 'enforce',
  'gateway.rateLimit.enabled': true,
  'session.idleTimeout': '30m',
  'session.absoluteTimeout': '24h',
  'sandbox.mode': 'auto',
  'console.password': false,
  'console.tls': 'auto',
  'gateway.allowPublicBind': false,
}
/** Settings that a check of their own says more about. */
const DETAILED =
  /^(?:alerts\.onDeny|tools\.elevated|audit\.(?:onWriteFailure|retention)|gateway\.bind|console\.(?:bind|requireTls)|content\.(?:results\..*|bypass)|servers\..*|redaction\.tagged|rules\.keys|egress\.exceptions\..*)$/

/** A weaker setting as a finding, with who answers for it. */
function weaker({ config, file }: ConfigFacts, { path, option }: Weakening): Found {
  const strict = STRICT[path]
  return {
    ...{ severity: option.severity, subject: path, detail: `${option.why}${acceptance(config, path)}` },
    remediation: `Strictest: ${option.strict}. Remove ${path} from the configuration, or set it back.`,
    ...(file === undefined ? {} : { file }),
    ...(file === undefined || strict === undefined
      ? {}
      : { fix: { kind: 'set', file, at: path.split('.'), value: strict } }),
  }
}

const isExposed = (config: Config): boolean =>
  bindingFactsOf(config, [], false).listeners.some(({ address }) => reachOf(address) !== 'loopback')

export const SETTINGS_CHECKS = [
  check({
    ...{ id: 'config.dangerous_env', category: 'config', severities: ['high', 'medium'], requirements: ['ND-7.1.b'] },
    title: 'No variable makes the gateway or a server load other code, or trust anybody.',
    why: 'It works behind everything that was reviewed: the command line and the pin stay the same.',
    remediation: 'Unset it where the gateway is started, and remove it from `env` of the server.',
    needs: ['config', 'environment'],
    run: ({ config: { config, file }, environment }) => {
      const found: Found[] = environment.map(({ name, severity, what }) => ({
        ...{ severity, subject: name, detail: `It is set here, and ${what}.` },
      }))
      for (const [server, { env }] of Object.entries(config.servers))
        for (const { name, severity, what } of riskyVariables(env))
          found.push({
            ...{ severity, subject: `servers.${server}.env.${name}`, detail: `It ${what}.` },
            ...(file === undefined
              ? {}
              : { file, fix: { kind: 'remove', file, at: ['servers', server, 'env', name] } }),
          })
      return foundOr(found, 'No such variable is set')
    },
  }),
  check({
    ...{
      id: 'config.insecure',
      category: 'config',
      severities: ['critical', 'high'],
      requirements: ['E-71', 'SEC-7.2'],
    },
    title: 'No setting switches a protection off.',
    why: 'A protection that is off protects nothing, whoever accepted it.',
    remediation: 'Remove the setting from the configuration.',
    needs: ['config'],
    run: ({ config }) =>
      foundOr(
        toAcknowledge(config.config)
          .filter(({ path }) => !DETAILED.test(path))
          .map((one) => weaker(config, one)),
        counted(SECURITY_OPTIONS.length, 'setting'),
      ),
  }),
  check({
    ...{
      id: 'config.weaker',
      category: 'config',
      severities: ['low', 'info'],
      requirements: ['SEC-7.2', 'E-71'],
    },
    title: 'Settings are as strict as by default.',
    why: 'Each of them was a decision; whoever reads this should know of it.',
    remediation: 'Remove the setting from the configuration.',
    needs: ['config'],
    run: ({ config }) =>
      foundOr(
        weakenings(config.config)
          .filter(({ path, option: { answer } }) => answer !== 'acknowledge' && !DETAILED.test(path))
          .map((one) => weaker(config, one)),
        counted(SECURITY_OPTIONS.length, 'setting'),
      ),
  }),
  check({
    ...{ id: 'config.acknowledgement', category: 'config', severities: ['low', 'info'], requirements: ['E-71'] },
    title: 'Each acknowledgement is for something that is set, and does not end soon.',
    why: 'When one ends, the gateway does not start.',
    remediation: 'Remove it, or the setting; or decide anew and write a later day.',
    needs: ['config'],
    run: ({ config: { config, file }, now }) => {
      const place = file === undefined ? {} : { file }
      const needed = new Set(toAcknowledge(config).map(({ path }) => path))
      return foundOr(
        Object.entries(config.acknowledgeInsecure).flatMap(([path, { expires }]): Found[] => {
          const subject = `acknowledgeInsecure.${path}`
          if (!needed.has(path))
            return [
              {
                ...{ severity: 'info', subject, detail: 'It acknowledges nothing that is set.', ...place },
                ...(file === undefined ? {} : { fix: { kind: 'remove', file, at: ['acknowledgeInsecure', path] } }),
              },
            ]
          return Date.parse(expires) + DAY - now < SOON
            ? [{ severity: 'low', subject, detail: `It ends on ${expires}.`, ...place }]
            : []
        }),
        counted(Object.keys(config.acknowledgeInsecure).length, 'acknowledgement'),
      )
    },
  }),
  check({
    ...{ id: 'gateway.exposed_weak', category: 'gateway', severities: ['critical'], requirements: ['ND-2.3.a'] },
    title: 'What is exposed has all its protections.',
    why: 'A weak setting behind loopback concerns this machine; behind an open door it concerns everybody.',
    remediation: 'Close the listener, or remove the settings that switch protections off.',
    needs: ['config'],
    run: ({ config: { config } }) => {
      const weak = toAcknowledge(config).map(({ path }) => path)
      return foundOr(
        isExposed(config) && weak.length > 0
          ? [
              {
                severity: 'critical',
                subject: 'gateway',
                detail: `It can be reached from other machines, with ${listed(weak)} weakened.`,
              },
            ]
          : [],
        isExposed(config) ? 'Exposed, with all protections' : 'Nothing is exposed',
      )
    },
  }),
  check({
    ...{
      id: 'gateway.hosts_wildcard',
      category: 'gateway',
      severities: ['high', 'medium'],
      requirements: ['ND-7.1.b', 'SEC-2.5'],
    },
    title: 'Agents’ listener answers to named hosts and origins only.',
    why: 'Any page in a browser on this machine could speak to the gateway (DNS rebinding).',
    remediation: 'Name the hosts and origins that are used.',
    needs: ['config'],
    run: ({ config: { config, file } }) => {
      const { allowedHosts, allowedOrigins } = config.gateway
      const place = file === undefined ? {} : { file }
      const without = (at: string, list: readonly string[], bad: (one: string) => boolean): Partial<Found> =>
        file === undefined
          ? {}
          : { fix: { kind: 'set', file, at: ['gateway', at], value: list.filter((one) => !bad(one)) } }
      const isOpen = (one: string): boolean => one.includes('*') || one === 'null'
      const isPlain = (one: string): boolean =>
        URL.canParse(one) && new URL(one).protocol === 'http:' && reachOf(new URL(one).hostname) !== 'loopback'
      const found: Found[] = []
      if (allowedHosts.some(isOpen))
        found.push({
          ...{ severity: 'high', subject: 'gateway.allowedHosts', ...place },
          ...{ detail: 'It has an entry for every host.', ...without('allowedHosts', allowedHosts, isOpen) },
        })
      if (allowedOrigins.some(isOpen))
        found.push({
          ...{ severity: 'high', subject: 'gateway.allowedOrigins', ...place },
          ...{ detail: 'It has an entry for every origin.', ...without('allowedOrigins', allowedOrigins, isOpen) },
        })
      if (allowedOrigins.some(isPlain))
        found.push({
          ...{ severity: 'medium', subject: 'gateway.allowedOrigins', ...place },
          detail: 'An origin in clear on another machine may call: whoever is on the way can be that origin.',
        })
      return foundOr(found, `${counted(allowedHosts.length, 'host')}, ${counted(allowedOrigins.length, 'origin')}`)
    },
  }),
  check({
    ...{ id: 'gateway.proxies_wide', category: 'gateway', severities: ['high'], requirements: ['ND-7.1.b', 'E-26'] },
    title: 'Trusted proxies are single machines or small networks.',
    why: 'Whoever is in that range says which address it comes from, and goes round limits and lockouts.',
    remediation: 'Name the address of the proxy.',
    needs: ['config'],
    run: ({ config: { config, file } }) => {
      const wide = config.gateway.trustedProxies.filter((range) => {
        const [address = '', bits] = range.split('/')
        return bits !== undefined && Number(bits) < (address.includes(':') ? 32 : 16)
      })
      return foundOr(
        wide.length === 0
          ? []
          : [
              {
                ...{
                  severity: 'high',
                  subject: 'gateway.trustedProxies',
                  detail: `${listed(wide)} would be believed.`,
                },
                ...(file === undefined ? {} : { file }),
              },
            ],
        counted(config.gateway.trustedProxies.length, 'trusted proxy', 'trusted proxies'),
      )
    },
  }),
]
