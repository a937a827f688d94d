import { reachOf } from '@sallyport/core'
import { misScoped } from '@sallyport/core/surface'
import { check, foundOr, type Found } from '../check.ts'
import { bindingFactsOf } from '../binding-facts.ts'
import { acceptance } from '../acceptance.ts'
import { counted, listed } from '../words.ts'

/** What an agent may hold: anything else is the operator's. */
const AGENT_SCOPES: ReadonlySet<string> = new Set(['read', 'write', 'execute', 'vouch'])
/** Tools that run programs; they need a human whatever policy says (AC-5.3.1). */
const ELEVATED = ['exec', 'process', 'Bash'] as const

export const IDENTITY_CHECKS = [
  check({
    ...{ id: 'identity.charter', category: 'identity', severities: ['medium'], requirements: ['HB-118'] },
    title: 'Each agent has a charter with explicit boundaries.',
    why: 'An agent that was never told what it must not do has nothing to be held to.',
    remediation: 'Write a charter for the agent that names what it must not do.',
    needs: ['charters'],
    run: ({ charters }) =>
      foundOr(
        charters.flatMap(({ agent, boundaries }): Found[] => {
          if (boundaries === undefined) return [{ severity: 'medium', subject: agent, detail: 'It has no charter.' }]
          return boundaries > 0
            ? []
            : [{ severity: 'medium', subject: agent, detail: 'Its charter names no boundary.' }]
        }),
        `${counted(charters.length, 'charter')}, each with boundaries`,
      ),
  }),
  check({
    ...{ id: 'identity.skill_scope', category: 'identity', severities: ['medium'], requirements: ['HB-119'] },
    title: 'Each skill says whether it is for internal agents, external ones or both.',
    why: 'A skill without a scope is offered to agents that face strangers.',
    remediation: 'Give the skill a scope: internal, external or both.',
    needs: ['skills'],
    run: ({ skills }) => {
      const bare = skills.filter(({ scope, state }) => scope === undefined && ['internal', 'external'].includes(state))
      return foundOr(
        bare.map(({ name }): Found => ({ severity: 'medium', subject: name, detail: 'It has no scope.' })),
        `${counted(skills.length, 'skill')} with a scope`,
      )
    },
  }),
  check({
    ...{ id: 'identity.approval_gate', category: 'identity', severities: ['high'], requirements: ['HB-120'] },
    title: 'Calls of high risk wait for a human.',
    why: 'What runs programs or cannot be taken back happens before anybody has seen it.',
    remediation:
      'Use preset:balanced or preset:locked-down, or a policy with @decision("approve") for these calls; keep tools.elevated as it is.',
    needs: ['config', 'policy'],
    run: ({ config: { config, file }, policy }) => {
      const missing = ELEVATED.filter((name) => !config.tools.elevated.includes(name))
      const place = file === undefined ? {} : { file }
      const found: Found[] = []
      if (policy.unasked.length > 0)
        found.push({
          ...{ severity: 'high', subject: 'policies' },
          detail: `They let through without a human, for an agent at trust level 2: ${listed(policy.unasked)}.`,
        })
      if (missing.length > 0)
        found.push({
          ...{ severity: 'high', subject: 'tools.elevated', ...place },
          detail: `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} not among the tools that always need approval.${acceptance(config, 'tools.elevated')}`,
          ...(file === undefined
            ? {}
            : {
                fix: {
                  kind: 'set',
                  file,
                  at: ['tools', 'elevated'],
                  value: [...new Set([...config.tools.elevated, ...ELEVATED])],
                },
              }),
        })
      return foundOr(found, 'Programs, what cannot be taken back and what acts later ask a human')
    },
  }),
  check({
    ...{
      id: 'identity.surface_separation',
      category: 'identity',
      severities: ['high', 'medium'],
      requirements: ['HB-121'],
    },
    title: 'What agents use and what operators use are separate.',
    why: 'Whoever takes over a surface for agents would stand in front of the one that decides.',
    remediation: 'Give operators an address of their own, and agents no scope beyond read, write, execute and vouch.',
    needs: ['config', 'agents'],
    run: ({ config: { config }, agents }) => {
      const exposed = bindingFactsOf(config, [], false).listeners.filter(
        ({ address }) => reachOf(address) !== 'loopback',
      )
      const [door, console] = ['agents', 'console'].map((name) => exposed.find((one) => one.name === name))
      const found: Found[] = agents.flatMap(({ name, scopes }) => {
        const over = scopes.filter((scope) => !AGENT_SCOPES.has(scope))
        return over.length === 0
          ? []
          : [{ severity: 'high', subject: name, detail: `This agent holds rights of an operator: ${listed(over)}.` }]
      })
      if (door !== undefined && console !== undefined)
        found.push({
          ...{ severity: 'medium', subject: `agents ${door.address}, console ${console.address}` },
          detail: 'Agents and operators come in from the same networks.',
        })
      return foundOr(found, 'Agents and operators have sockets of their own')
    },
  }),
  check({
    ...{ id: 'identity.public_tools', category: 'identity', severities: ['high'], requirements: ['HB-18', 'HB-80'] },
    title: 'Agents that strangers talk to can only read what is public, and add leads and bookings.',
    why: 'Whatever such an agent can do, everybody can make it do.',
    remediation: 'Give the tool `scope: internal`, or another tool that only reads or only adds.',
    needs: ['config'],
    run: ({ config: { config, file } }) =>
      foundOr(
        misScoped(config.surfaces.tools).map(({ tool, reason }): Found => ({
          ...{ severity: 'high', subject: `surfaces.tools.${tool}`, detail: reason },
          ...(file === undefined ? {} : { file }),
        })),
        `${counted(Object.keys(config.surfaces.tools).length, 'tool')} with a scope`,
      ),
  }),
  check({
    ...{ id: 'identity.a2a_allowlist', category: 'identity', severities: ['high'], requirements: ['HB-122'] },
    title: 'Agents of others are connected by name only.',
    why: 'An agent of a stranger could hand tasks to yours.',
    remediation: 'List the peer, or disconnect it.',
    needs: ['peers'],
    run: ({ peers }) =>
      foundOr(
        peers
          .filter(({ listed: is }) => !is)
          .map(({ name }): Found => ({
            ...{ severity: 'high', subject: name, detail: 'This peer is connected and on no list.' },
          })),
        `${counted(peers.length, 'peer')}, all listed`,
      ),
  }),
  check({
    ...{ id: 'identity.unclaimed', category: 'identity', severities: ['high', 'info'], requirements: ['SEC-4.1'] },
    title: 'Somebody holds the gateway and can approve.',
    why: 'Whoever asks first becomes its operator. Until then everything that needs approval is denied.',
    remediation: 'In a terminal of your own: sallyport init --claim',
    needs: ['gateway', 'agents'],
    run: ({ gateway: { claimed }, agents }) =>
      foundOr(
        claimed
          ? []
          : [
              {
                // until there is an agent, nobody could approve anything either (E-76)
                ...{ severity: agents.length === 0 ? 'info' : 'high', subject: 'gateway' },
                detail: 'Nobody has claimed this gateway.',
              },
            ],
        'The gateway was claimed',
      ),
  }),
]
