import { check, foundOr, type Found } from '../check.ts'
import { counted, listed } from '../words.ts'

/** Options by which a browser can be driven from outside. */
const DEBUG = /^--?(?:remote-debugging-(?:port|address|pipe)|cdp-endpoint|inspect(?:-brk)?|remote-allow-origins)\b/
const SMALL = 8

export const TOOLS_CHECKS = [
  check({
    ...{
      id: 'tools.wildcard',
      category: 'tools',
      severities: ['high', 'medium'],
      requirements: ['ND-7.1.b', 'AC-3.2.4'],
    },
    title: 'Exceptions of the content gate and the address book name something.',
    why: 'An exception for everything switches the gate off.',
    remediation: 'Name the tool and the agent, or the single address.',
    needs: ['config'],
    run: ({ config: { config, file }, now }) => {
      const place = file === undefined ? {} : { file }
      const found: Found[] = config.content.bypass.flatMap(({ agent, tool, owner, expires }): Found[] => {
        if (Date.parse(expires) <= now) return []
        const isNamed = (agent ?? tool) !== undefined
        const whom = [tool ?? 'any tool', agent ?? 'any agent'].join(' and ')
        return [
          {
            ...{
              severity: isNamed ? 'medium' : 'high',
              subject: `content.bypass ${tool ?? '*'} ${agent ?? '*'}`,
              ...place,
            },
            detail: `The content gate changes nothing for ${whom}: by ${owner} until ${expires}.`,
          },
        ]
      })
      const open = config.flow.known.filter((one) => /^[*@%]+$|\*/.test(one))
      if (open.length > 0)
        found.push({
          ...{ severity: 'medium', subject: 'flow.known', ...place },
          detail: `${listed(open)}: an entry with a star is no address; somebody expects it to match.`,
        })
      return foundOr(found, `${counted(config.content.bypass.length, 'exception')} of the content gate`)
    },
  }),
  check({
    ...{ id: 'tools.blocked', category: 'tools', severities: ['low'], requirements: ['SEC-5.3'] },
    title: 'Policies fit the arguments of every tool.',
    why: 'Every call of such a tool is denied, and somebody will look for a way round.',
    remediation: 'sallyport policy check',
    needs: ['gateway'],
    run: ({ gateway: { health } }) =>
      foundOr(
        health
          .filter(({ id }) => id === 'policy.blocked')
          .map(({ title, why }): Found => ({ severity: 'low', subject: 'tools', detail: `${title}. ${why}` })),
        'Policies fit all tools',
      ),
  }),
  check({
    ...{ id: 'browser.remote_debug', category: 'browser', severities: ['high', 'medium'], requirements: ['ND-7.1.b'] },
    title: 'No server opens a browser or a program to be driven from outside.',
    why: 'Whoever reaches the port reads every page and every cookie, and runs code.',
    remediation: 'Remove the option, or use a pipe instead of a port.',
    needs: ['config'],
    run: ({ config: { config, file } }) => {
      const servers = Object.entries(config.servers)
      return foundOr(
        servers.flatMap(([name, { command = [] }]): Found[] => {
          const debug = command.filter((word) => DEBUG.test(word) && !word.includes('pipe'))
          if (debug.length === 0) return []
          const isOpen = command.some((word) => /0\.0\.0\.0|\[::\]|=\*|remote-allow-origins/.test(word))
          return [
            {
              ...{ severity: isOpen ? 'high' : 'medium', subject: `servers.${name}.command` },
              detail: `It is started with ${listed(debug)}.`,
              ...(file === undefined ? {} : { file }),
            },
          ]
        }),
        counted(servers.length, 'server'),
      )
    },
  }),
  check({
    ...{ id: 'channels.admission', category: 'channels', severities: ['high'], requirements: ['ND-7.1.b', 'ND-7.2.a'] },
    title: 'Messaging channels admit who was paired or listed.',
    why: 'Strangers could give your agent tasks.',
    remediation: 'Set the admission of the channel to pairing or allowlist.',
    needs: ['channels'],
    run: ({ channels }) =>
      foundOr(
        channels
          .filter(({ admission }) => admission === 'open')
          .map(({ name }): Found => ({ severity: 'high', subject: name, detail: 'Anybody may write to it.' })),
        counted(channels.length, 'channel'),
      ),
  }),
  check({
    ...{ id: 'channels.approvers', category: 'channels', severities: ['low'], requirements: ['ND-7.1.b'] },
    title: 'Answers from a chat or a webhook come from named people.',
    why: 'Whoever has the account in the chat answers for that person.',
    remediation: 'Name few people, and let what is grave be decided in the console.',
    needs: ['config'],
    run: ({ config: { config, file } }) => {
      const people = [
        ...Object.values(config.approvals.slack?.people ?? {}),
        ...(config.approvals.webhook?.approvers ?? []),
      ]
      const most = 10
      return foundOr(
        people.length <= most
          ? []
          : [
              {
                ...{
                  severity: 'low',
                  subject: 'approvals',
                  detail: `${people.length} people may answer from outside of the console.`,
                },
                ...(file === undefined ? {} : { file }),
              },
            ],
        people.length === 0 ? 'Nobody answers from outside of the console' : listed(people),
      )
    },
  }),
  check({
    ...{ id: 'models.weak', category: 'models', severities: ['high', 'medium'], requirements: ['ND-7.1.b'] },
    title: 'Models that use tools are current and large enough to refuse.',
    why: 'Old and small models follow instructions that stand in what they read.',
    remediation: 'Use a current model for agents with tools, or take the tools away.',
    needs: ['models'],
    run: ({ models }) =>
      foundOr(
        models.flatMap(({ name, legacy, size = SMALL }): Found[] => {
          if (size < SMALL) return [{ severity: 'high', subject: name, detail: `It has ${size} billion parameters.` }]
          return legacy ? [{ severity: 'medium', subject: name, detail: 'Its vendor has replaced it.' }] : []
        }),
        counted(models.length, 'model'),
      ),
  }),
  check({
    ...{ id: 'hooks.unenforced', category: 'hooks', severities: ['high'], requirements: ['ND-7.1.b', 'T-042'] },
    title: 'Hooks of agents on this machine enforce.',
    why: 'Something ran that was never allowed: the hook asks, and nobody waits for the answer.',
    remediation: 'sallyport doctor; repair the hooks, then restart gateway and agent.',
    needs: ['gateway'],
    run: ({ gateway: { unenforced } }) =>
      foundOr(
        unenforced.map((line): Found => ({ severity: 'high', subject: line, detail: 'Its hooks do not enforce.' })),
        'No hook was gone round',
      ),
  }),
  check({
    ...{ id: 'logging.redaction', category: 'logging', severities: ['low'], requirements: ['ND-7.1.b'] },
    title: 'Records hold no secret, nor what tells two secrets apart.',
    why: 'A tag in the text shows who reads it that two places hold the same secret.',
    remediation: 'Set redaction.tagged: false.',
    needs: ['config'],
    run: ({ config: { config, file } }) =>
      foundOr(
        config.redaction.tagged
          ? [
              {
                ...{
                  severity: 'low',
                  subject: 'redaction.tagged',
                  detail: 'Redacted places carry a tag of their secret.',
                },
                ...(file === undefined
                  ? {}
                  : { file, fix: { kind: 'set', file, at: ['redaction', 'tagged'], value: false } }),
              },
            ]
          : [],
        'Secrets are redacted, without tags',
      ),
  }),
  check({
    ...{ id: 'logging.heads', category: 'logging', severities: ['info'], requirements: ['T-164', 'HB-132'] },
    title: 'Heads of the log are kept elsewhere.',
    why: 'Whoever can write both could write another history that fits.',
    remediation: 'Set audit.checkpoint.export to a file on another disk or machine.',
    needs: ['config'],
    run: ({ config: { config } }) =>
      foundOr(
        config.audit.checkpoint.export === undefined
          ? [
              {
                severity: 'info',
                subject: 'audit.checkpoint.export',
                detail: 'Heads of the log are kept beside the log only.',
              },
            ]
          : [],
        config.audit.checkpoint.export ?? '',
      ),
  }),
]
