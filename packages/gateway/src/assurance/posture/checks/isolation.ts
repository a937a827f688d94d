import { judgeKey } from '@sallyport/core'
import { check, foundOr, type Found } from '../check.ts'
import { counted, listed } from '../words.ts'

/** Directories that hold more than one program needs, and what opens the machine. */
const WIDE =
  /^(?:|\/(?:etc|root|home|Users|var|proc|sys|dev|boot|run|srv|mnt|media|opt|tmp)|\/(?:home|Users)\/[^/]+|.*\/\.(?:ssh|aws|gnupg|kube|docker|config|netrc|azure|gcloud)(?:\/.*)?|\/etc\/shadow|.*\/(?:docker|podman|containerd)\.sock)\/?$/

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
    ...{
      id: 'isolation.profile_wide',
      category: 'isolation',
      severities: ['high', 'medium'],
      requirements: ['ND-7.1.b', 'SEC-6'],
    },
    title: 'Sandboxes show no secrets, no engine of containers, and no more of this machine than a program needs.',
    why: 'What a sandbox shows, a server that turned bad reads and sends away.',
    remediation: 'Show single directories under `readable`, and pass only the variables that are needed.',
    needs: ['profiles'],
    run: ({ profiles }) =>
      foundOr(
        profiles.flatMap(({ at, profile: { readable, env } }): Found[] => {
          const shown = readable.filter((path) => WIDE.test(path))
          const passed = env.filter((name) => judgeKey(name) !== 'plain')
          return [
            ...(shown.length === 0
              ? []
              : [{ severity: 'high', subject: `${at} readable`, detail: `It shows ${listed(shown)}.` } as const]),
            ...(passed.length === 0
              ? []
              : [
                  {
                    ...({ severity: 'medium', subject: `${at} env` } as const),
                    detail: `It passes ${listed(passed)} on: name credentials instead, which are put in on the way out.`,
                  },
                ]),
          ]
        }),
        counted(profiles.length, 'profile'),
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
