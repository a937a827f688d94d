import { check, foundOr, type Found } from '../check.ts'
import { counted, listed } from '../words.ts'

export const ISOLATION_CHECKS = [
  check({
    ...{
      id: 'isolation.level',
      category: 'isolation',
      severities: ['high', 'info'],
      requirements: ['SYS-1', 'T-001', 'E-76'],
    },
    title: 'Agents cannot reach the gateway’s files and account (level L1 or L2).',
    why: 'An agent under the account of the gateway can answer for you, change policy or go round: Sallyport advises and cannot enforce.',
    remediation: 'Run agents with `sallyport run -- COMMAND` (L1), or the gateway under an account of its own (L2).',
    needs: ['level', 'agents'],
    run: ({ level: { level, because }, agents }) => {
      const free = agents.filter(({ confined }) => !confined)
      if (level !== 'L0' || (agents.length > 0 && free.length === 0))
        return foundOr([], level === 'L0' ? `${counted(agents.length, 'agent')} confined (L1)` : level)
      const detail = `Level L0: ${because.join('; ')}.`
      return foundOr(
        [
          agents.length === 0
            ? { severity: 'info', subject: 'this account', detail: `${detail} No agent is registered yet.` }
            : { severity: 'high', subject: listed(free.map(({ name }) => name)), detail },
        ],
        level,
      )
    },
  }),
  check({
    ...{
      id: 'isolation.server_unconfined',
      category: 'isolation',
      severities: ['medium'],
      requirements: ['SEC-6', 'ND-7.1.b'],
    },
    title: 'Servers run in sandboxes.',
    why: 'A server without one reads and changes whatever this account can.',
    remediation: 'Set sandbox.wrapped, or servers.NAME.sandbox, in the configuration.',
    needs: ['gateway'],
    run: ({ gateway: { health } }) =>
      foundOr(
        health
          .filter(({ id }) => id === 'isolation.servers')
          .map(({ title, why }): Found => ({ severity: 'medium', subject: 'servers', detail: `${title}. ${why}` })),
        'Servers run confined',
      ),
  }),
  check({
    ...{ id: 'isolation.sandbox_only', category: 'isolation', severities: ['high'], requirements: ['HB-142', 'SYS-3'] },
    title: 'The sandbox is not the only protection that is on.',
    why: 'A sandbox bounds where something runs; it does not know who asks, what for, or what an agent has read.',
    remediation: 'Choose a policy (preset:balanced), let what is grave be asked about, and keep mode: enforce.',
    needs: ['config', 'policy'],
    run: ({ config: { config }, policy }) => {
      const off: string[] = []
      if (config.mode !== 'enforce') off.push('decisions are only recorded (mode: shadow)')
      if (policy.unasked.length > 0 && policy.lint.some(({ rule }) => rule === 'too-broad'))
        off.push('policies allow everything')
      if (policy.unasked.length > 0 && config.tools.elevated.length === 0) off.push('nothing needs an approval')
      if (config.audit.onWriteFailure === 'continue') off.push('calls run without a record')
      const isOnly = config.sandbox.mode !== 'off' && (config.mode !== 'enforce' || off.length > 1)
      return foundOr(
        isOnly ? [{ severity: 'high', subject: 'sandbox', detail: `Beside it ${off.join(', ')}.` }] : [],
        'Policy, approvals and the log hold besides the sandbox',
      )
    },
  }),
  check({
    ...{
      id: 'isolation.sandbox_probe',
      category: 'isolation',
      severities: ['critical'],
      requirements: ['SEC-6.3', 'E-70'],
    },
    title: 'A sandbox of this machine holds attempts to get out (--deep).',
    why: 'What gets out of the sandbox has the rights of the gateway’s account.',
    remediation: 'sallyport sandbox probe; do not run untrusted servers here until it holds.',
    needs: ['deep'],
    run: ({ deep: { sandbox } }) => {
      if (sandbox.state !== 'known') return sandbox
      return foundOr(
        sandbox.value
          .filter(({ ok }) => !ok)
          .map(({ what, said }): Found => ({ severity: 'critical', subject: what, detail: said })),
        `${counted(sandbox.value.length, 'attempt')}, none got out`,
      )
    },
  }),
]

/** What a gateway that runs was asked (`--deep`), and what it found out about itself. */
export const LIVE_CHECKS = [
  check({
    ...{
      id: 'gateway.open_route',
      category: 'gateway',
      severities: ['critical'],
      requirements: ['AC-2.1.5', 'ND-2.1.b'],
    },
    title: 'Every entry refuses a stranger, and nothing is served that the table of entries does not have.',
    why: 'Whoever finds it is in.',
    remediation: 'Stop the gateway and report this.',
    needs: ['gateway'],
    run({ gateway: { health } }, { deep }) {
      const found = health
        .filter(({ id }) => id === 'network.routes')
        .map(({ title, why }): Found => ({ severity: 'critical', subject: 'routes', detail: `${title}. ${why}` }))
      const crawl = deep.state === 'known' ? deep.value.routes : undefined
      if (crawl?.state === 'unknown') return crawl
      const tried = crawl?.state === 'known' ? crawl.value : []
      for (const { what, ok, said } of tried)
        if (!ok)
          found.push({
            severity: 'critical',
            subject: what,
            detail: `Asked without a credential, it answered ${said}.`,
          })
      return foundOr(found, tried.length === 0 ? 'The gateway asked its own entries' : counted(tried.length, 'request'))
    },
  }),
  check({
    ...{ id: 'gateway.metadata', category: 'gateway', severities: ['critical'], requirements: ['HB-128', 'T-116'] },
    title: 'Metadata services of clouds cannot be reached.',
    why: 'Whoever reaches one gets the credentials of this machine.',
    remediation: 'Remove it from egress.exceptions.',
    needs: ['gateway'],
    run: ({ gateway: { health } }) =>
      foundOr(
        health
          .filter(({ id }) => id === 'network.metadata')
          .map(({ why }): Found => ({ severity: 'critical', subject: 'metadata', detail: why })),
        'The gateway tried, and was refused',
      ),
  }),
  check({
    ...{ id: 'gateway.self_check', category: 'gateway', severities: ['low'], requirements: ['SEC-7.4'] },
    title: 'The gateway could look at everything in its own check.',
    why: 'What could not be looked at may be bad.',
    remediation: 'sallyport health --check',
    needs: ['gateway'],
    run: ({ gateway: { unknown } }) =>
      foundOr(
        unknown.map(({ id, why }): Found => ({
          severity: 'low',
          subject: id,
          detail: `It could not be looked at: ${why}`,
        })),
        'All of its checks were made',
      ),
  }),
  check({
    ...{
      id: 'gateway.canary',
      category: 'gateway',
      severities: ['critical'],
      requirements: ['SYS-1', 'T-043', 'HB-24'],
    },
    title: 'A call that nobody may make is refused at every way in (--deep).',
    why: 'An entry that lets this call pass lets every call pass.',
    remediation: 'Stop the gateway and report this.',
    needs: ['deep'],
    run: ({ deep: { canaries } }) => {
      if (canaries.state !== 'known') return canaries
      return foundOr(
        canaries.value
          .filter(({ ok }) => !ok)
          .map(({ what, said }): Found => ({
            severity: 'critical',
            subject: what,
            detail: `The canary was not refused: ${said}.`,
          })),
        `refused at ${listed(canaries.value.map(({ what }) => what))}`,
      )
    },
  }),
  check({
    ...{ id: 'logging.verify', category: 'logging', severities: ['critical'], requirements: ['T-162', 'HB-132'] },
    title: 'The log is what was written, from its first record (--deep).',
    why: 'Somebody changed or removed records.',
    remediation: 'sallyport log verify',
    needs: ['deep'],
    run: ({ deep: { log } }) => {
      if (log.state !== 'known') return log
      const { ok, what, said } = log.value
      return foundOr(ok ? [] : [{ severity: 'critical', subject: what, detail: said }], said)
    },
  }),
]
