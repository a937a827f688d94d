import { check, foundOr, type Found } from '../check.ts'
import { counted, listed } from '../words.ts'
import { unpinnedOf } from '../launch.ts'

export const SUPPLY_CHECKS = [
  check({
    ...{ id: 'supply.skill_review', category: 'supply', severities: ['high', 'info'], requirements: ['HB-136'] },
    title: 'Skills of others were reviewed before they were enabled.',
    why: 'A skill is instructions and code by somebody else, with the rights of your agent.',
    remediation: 'Review it, or disable it.',
    needs: ['skills'],
    run: ({ skills }) =>
      foundOr(
        skills.flatMap(({ name, isForeign, state, reviewedBy }): Found[] => {
          if (state === 'quarantine')
            return [{ severity: 'info', subject: name, detail: 'It waits for a review; until then it serves nobody.' }]
          const isOn = state === 'internal' || state === 'external'
          return isOn && isForeign && reviewedBy === undefined
            ? [{ severity: 'high', subject: name, detail: 'It is enabled, and nobody has reviewed it.' }]
            : []
        }),
        `${counted(skills.length, 'skill')}, those of others reviewed`,
      ),
  }),
  check({
    ...{ id: 'supply.skill_hash', category: 'supply', severities: ['high', 'medium'], requirements: ['HB-137'] },
    title: 'Instructions and code of skills are pinned by hash, and are what was pinned.',
    why: 'An update could bring other instructions, and nobody would see it.',
    remediation: 'Admit the skill anew, or roll it back.',
    needs: ['skills'],
    run: ({ skills }) =>
      foundOr(
        skills.flatMap(({ name, pinned, drifted, state }): Found[] => {
          if (state === 'disabled') return []
          if (!pinned) return [{ severity: 'medium', subject: name, detail: 'It has no pin.' }]
          return drifted ? [{ severity: 'high', subject: name, detail: 'It is not what was pinned.' }] : []
        }),
        `${counted(skills.length, 'skill')} pinned`,
      ),
  }),
  check({
    ...{
      id: 'supply.mcp_allowlist',
      category: 'supply',
      severities: ['medium', 'low', 'info'],
      requirements: ['HB-138', 'ND-7.1.b'],
    },
    title: 'MCP servers are listed, start from pinned code, and their tools were looked at.',
    why: 'A server that fetches its newest code at each start runs whatever was published last.',
    remediation:
      'Write the version (`npx name@1.2.3`, `uvx name==1.2.3`, an image by digest), and pin the tools with `sallyport mcp pin`.',
    needs: ['config'],
    run({ config: { config, file } }, { gateway }) {
      const place = file === undefined ? {} : { file }
      const servers = Object.entries(config.servers).filter(([, { enabled }]) => enabled)
      const found: Found[] = []
      for (const [name, { command, serverRequests }] of servers) {
        const loose = command === undefined ? undefined : unpinnedOf(command)
        if (loose !== undefined)
          found.push({
            ...{ severity: 'medium', subject: `servers.${name}.command`, ...place },
            detail: `It starts ${loose} without a version.`,
          })
        if (serverRequests.length > 0)
          found.push({
            ...{ severity: 'low', subject: `servers.${name}.serverRequests`, ...place },
            detail: `This server may ask the client for ${listed(serverRequests)}.`,
          })
      }
      const tools = gateway.state === 'known' ? gateway.value.tools.filter(({ state }) => state === 'unreviewed') : []
      if (tools.length > 0)
        found.push({
          ...{ severity: 'info', subject: 'tools' },
          detail: `${listed(tools.map(({ id }) => id))}: not reviewed yet, so their calls are denied.`,
        })
      return foundOr(found, `${counted(servers.length, 'server')}, nothing else is reached through the gateway`)
    },
  }),
  check({
    ...{ id: 'supply.dependency_review', category: 'supply', requirements: ['HB-139', 'AC-7.5.2'] },
    severities: ['critical', 'high', 'medium', 'low'],
    title: 'Known weaknesses of dependencies were looked at, from recent advisories.',
    why: 'An old weakness has a public recipe.',
    remediation: 'Update the package, or accept what was found in a baseline.',
    needs: ['dependencies'],
    run: ({ dependencies: { packages, findings } }) =>
      foundOr(
        findings.map(({ subject, severity, detail, remediation, why, file }): Found => ({
          ...{ subject, severity, detail, remediation },
          ...(why === undefined ? {} : { why }),
          ...(file === undefined ? {} : { file }),
        })),
        `${counted(packages, 'package')}, nothing known against them`,
      ),
  }),
  check({
    ...{ id: 'plugins.trust', category: 'plugins', severities: ['medium', 'info'], requirements: ['ND-7.1.b'] },
    title: 'Nothing that comes from others is trusted like an operator.',
    why: 'What a trusted server says may steer the agent, and rules of a trusted key decide what is found.',
    remediation: 'Set trust: untrusted or semi-trusted; remove keys that you do not need.',
    needs: ['config'],
    run: ({ config: { config, file } }) => {
      const place = file === undefined ? {} : { file }
      const found: Found[] = Object.entries(config.servers).flatMap(([name, { trust, url, command }]): Found[] => {
        const isForeign = url !== undefined || (command !== undefined && unpinnedOf(command) !== undefined)
        if (trust === 'untrusted') return []
        const subject = `servers.${name}.trust`
        if (trust !== 'trusted' || !isForeign)
          return [{ severity: 'info', subject, detail: `What it answers is ${trust}.`, ...place }]
        return [
          {
            ...{ severity: 'medium', subject, ...place },
            detail:
              'Results of a server that is elsewhere, or fetches its code anew, are trusted to carry instructions.',
            ...(file === undefined
              ? {}
              : { fix: { kind: 'set', file, at: ['servers', name, 'trust'], value: 'semi-trusted' } }),
          },
        ]
      })
      if (config.rules.keys.length > 0)
        found.push({
          ...{ severity: 'info', subject: 'rules.keys', ...place },
          detail: `${counted(config.rules.keys.length, 'key')} of others may sign rules of the detectors.`,
        })
      return foundOr(found, 'Servers are trusted no more than they should be')
    },
  }),
]
