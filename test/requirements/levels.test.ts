import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluate, explain, type ContextOverrides, type PolicyBundle } from '@sallyport/core'
import { bundleOf, request, tool } from '../policy/fixtures.ts'
import { openStage, type Stage } from './stage.ts'

const SAYS = ['nothing', 'allow', 'ask', 'deny'] as const
type Says = (typeof SAYS)[number]
const LEVELS = [
  ['global', 'action', 'true'],
  ['agent', 'action', 'principal == Agent::"coder"'],
  ['session', 'action', 'context.session.key == "api:s-1"'],
] as const

const policyText = (level: string, when: string, says: Says): string => {
  const scope = '(principal, action, resource)'
  if (says === 'nothing') return ''
  if (says === 'allow') return `@id("${level}") permit ${scope} when { ${when} };`
  if (says === 'deny') return `@id("${level}") forbid ${scope} when { ${when} };`
  return `@id("${level}") @decision("approve") forbid ${scope} when { ${when} } unless { context.approved };`
}

describe('levels of policy', () => {
  const MAIL = tool('mail.send', { effect: 'external' })

  it('E-59 E-53: over all of global, agent and session, the narrowest word holds: none widens what another has closed', async () => {
    const met = new Set<string>()
    for (const global of SAYS) {
      for (const agent of SAYS) {
        for (const session of SAYS) {
          const said = [global, agent, session]
          const texts = LEVELS.map(([level, , when], at) => policyText(level, when, said[at] ?? 'nothing'))
          const decided = evaluate(
            await bundleOf(texts.join('\n'), [MAIL]),
            request('mail.send', { session: { key: 'api:s-1' } }),
          )
          const opened = said.includes('allow')
          const wanted = said.includes('deny') || !opened ? 'deny' : said.includes('ask') ? 'ask' : 'allow'
          expect([...said, decided.outcome]).toEqual([...said, wanted])
          met.add(wanted)
        }
      }
    }
    expect([...met].sort()).toEqual(['allow', 'ask', 'deny'])
  })
})

describe('who may widen', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({
      policies: ['./global.cedar'],
      files: {
        'global.cedar': `// version: 1.0
@id("reads") permit (principal, action in Action::"read", resource);
@id("writes") permit (principal, action in Action::"write", resource);
@id("never") forbid (principal, action, resource) when { context.tool.name == "drop" };
`,
      },
      tools: {
        look: { effect: 'read', properties: {} },
        change: { effect: 'write', properties: {} },
        drop: { effect: 'write', properties: {} },
      },
    })
    await stage.claim()
  })
  afterAll(() => stage.close())

  it('E-59 HB-64: a credential narrows its agent and never widens it, and no session says otherwise', async () => {
    const { identity } = stage.gateway
    const narrow = identity.issueFor('coder', ['read'])
    if (!narrow.ok) throw new Error(narrow.reason)
    const reader = identity.verify(narrow.value.credential)
    if (!reader.ok) throw new Error(reader.reason)
    const asReader = stage.caller({ principal: reader.value })
    expect((await stage.call('look', {}, {}, asReader)).outcome).toBe('executed')
    expect(await stage.call('change', {}, {}, asReader)).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
    for (const sessionHint of ['admin', 'agent:main:owner']) {
      const as = stage.caller({ sessionHint, purpose: 'I am the operator', contentTrust: 'trusted' })
      expect(await stage.call('drop', {}, {}, as)).toMatchObject({ code: 'SP_POLICY_DENIED' })
    }
  })

  it('E-59: nothing that an agent holds is the scope that widens policy, and each widening is in the log with its actor', async () => {
    const { identity, store } = stage.gateway
    expect(stage.caller().principal.scopes).not.toContain('policy')
    await expect(identity.agents.add({ name: 'eve', by: 'test', scopes: ['policy'] })).rejects.toMatchObject({
      code: 'SP_AUTHZ_GRANT',
    })
    await identity.agents.setTrust('coder', 1, 'operator:ana', 'looked at it')
    await store.checkpoint()
    const widened = (await stage.records()).filter(({ kind }) => kind === 'identity')
    expect(widened.at(-1)).toMatchObject({ agent: 'coder' })
    expect(JSON.stringify(widened.at(-1))).toContain('operator:ana')
    expect((await stage.records()).filter(({ kind }) => kind === 'policy')[0]).toMatchObject({ action: 'load' })
  })
})

/** Every rule of these kinds of policy in one bundle of one engine; what used to be lists with regular expressions is `like`. */
const FORMER = `
@id("default-send") permit (principal, action == Action::"chat.message", resource);
@id("send-no-groups") forbid (principal, action == Action::"chat.message", resource)
  when { context.session.channel == "telegram" && context.session.chatType == "group" };
@id("send-no-hooks") forbid (principal, action == Action::"chat.message", resource)
  when { context.session.key like "hook:*" };

@id("node-linux") permit (principal, action == Action::"nodes.run", resource)
  when { context.args.platform == "linux" && ["uname", "uptime", "git"].containsAll(context.facts.commands) };
@id("node-mac-also") permit (principal, action == Action::"nodes.run", resource)
  when { context.args.platform == "macos" && ["uname", "uptime", "git", "sw_vers"].containsAll(context.facts.commands) };
@id("node-never") forbid (principal, action == Action::"nodes.run", resource)
  when { context.args.command like "*--exec*" };

@id("sandbox-global") permit (principal, action, resource)
  when { ["read", "exec"].contains(context.tool.name) || context.tool.name like "memory_*" };
@id("sandbox-global-not") forbid (principal, action, resource) when { context.tool.name like "*_secret" };
@id("sandbox-agent") forbid (principal == Agent::"reader", action, resource) when { context.tool.name == "exec" };
`

describe('one engine for what had engines of their own', () => {
  const TOOLS = [
    tool('chat.message', { effect: 'external', groups: ['group:messaging'] }),
    tool(
      'nodes.run',
      { effect: 'external', groups: ['group:nodes'] },
      { platform: { type: 'string' }, command: { type: 'string' } },
      ['platform', 'command'],
    ),
    tool('box.read'),
    tool('box.exec', { effect: 'external' }),
    tool('box.write'),
    tool('box.memory_get'),
    tool('box.memory_secret'),
  ]
  let bundle: PolicyBundle
  beforeAll(async () => {
    bundle = await bundleOf(FORMER, TOOLS)
  })
  /** The decision and the trace it was made by. */
  const traced = (action: string, context: ContextOverrides = {}, agent?: string): readonly [string, ...string[]] => {
    const asked = request(action, { tool: { name: action.slice(action.indexOf('.') + 1) }, ...context }, agent)
    const { decision, trace } = explain(bundle, asked)
    expect(decision).toEqual(evaluate(bundle, asked))
    return [
      decision.outcome,
      ...trace
        .filter(({ result }) => result === 'matched')
        .map(({ id }) => id)
        .sort(),
    ]
  }
  const send = (session: object) => traced('chat.message', { session })
  const node = (platform: string, command: string, commands: readonly string[]) =>
    traced('nodes.run', { args: { platform, command }, facts: { commands } })

  it('ND-5.1.d: outbound sends: channel, chat type and prefix of the session key, deny over allow', () => {
    expect(send({ channel: 'telegram', chatType: 'direct' })).toEqual(['allow', 'default-send'])
    expect(send({ channel: 'telegram', chatType: 'group' })).toEqual(['deny', 'default-send', 'send-no-groups'])
    expect(send({ channel: 'slack', chatType: 'group' })).toEqual(['allow', 'default-send'])
    expect(send({ key: 'hook:7' })).toEqual(['deny', 'default-send', 'send-no-hooks'])
  })

  it('ND-5.1.d FV-2: commands on other machines: a list per platform, its extension, and what is never run', () => {
    expect(node('linux', 'uname -a', ['uname'])).toEqual(['allow', 'node-linux'])
    expect(node('linux', 'sw_vers', ['sw_vers'])).toEqual(['deny'])
    expect(node('macos', 'sw_vers', ['sw_vers'])).toEqual(['allow', 'node-mac-also'])
    expect(node('windows', 'uname', ['uname'])).toEqual(['deny'])
    expect(node('linux', 'uname; id', ['uname', 'id'])).toEqual(['deny'])
    expect(node('linux', 'git log --exec=id', ['git'])).toEqual(['deny', 'node-linux', 'node-never'])
  })

  it('ND-5.1.d E-59: tools in the sandbox: exact names and wildcards for all, less for one agent', () => {
    expect(traced('box.read')).toEqual(['allow', 'sandbox-global'])
    expect(traced('box.write')).toEqual(['deny'])
    expect(traced('box.memory_get')).toEqual(['allow', 'sandbox-global'])
    expect(traced('box.memory_secret')).toEqual(['deny', 'sandbox-global', 'sandbox-global-not'])
    expect(traced('box.exec')).toEqual(['allow', 'sandbox-global'])
    expect(traced('box.exec', {}, 'reader')).toEqual(['deny', 'sandbox-agent', 'sandbox-global'])
  })
})
