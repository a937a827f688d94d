import { existsSync, realpathSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { makePlan } from '../init/plan.ts'
import { ok, warn, type Check, type Finding } from './check.ts'

/** What the name `sallyport` means in this shell (T-038). The configuration of agents never uses the name. */
export const lookupCheck: Check = ({ env, site }) => {
  const path = (env['PATH'] ?? '').split(':')
  const findings: Finding[] = []
  const relative = path.filter((entry) => !isAbsolute(entry))
  if (relative.length > 0) {
    findings.push(
      warn(
        'path',
        'PATH has relative entries: programs of the working directory can pose as others.',
        'Remove them from PATH.',
      ),
    )
  }
  const first = path.filter((entry) => isAbsolute(entry)).find((entry) => existsSync(join(entry, 'sallyport')))
  const found = first === undefined ? undefined : realpathSync(join(first, 'sallyport'))
  if (found !== undefined && found !== realpathSync(site.program)) {
    findings.push(
      warn(
        'path',
        `\`sallyport\` means ${found} in this shell, not ${site.program}.`,
        'Find out who put it there before you type a PIN.',
      ),
    )
  }
  return Promise.resolve(findings.length > 0 ? findings : [ok('path', 'Nothing poses as sallyport in this shell.')])
}

/** MCP servers that agents reach without the gateway (T-053, T-089). */
export const coverageCheck: Check = ({ site }) => {
  const { servers } = makePlan({ ...site, includeProject: true, configExists: true })
  const open = servers.filter(({ state }) => state !== 'wrapped')
  if (servers.length === 0) return Promise.resolve([ok('mcp', 'No MCP servers are configured.')])
  if (open.length === 0) return Promise.resolve([ok('mcp', `${servers.length} MCP servers go through the gateway.`)])
  const names = open.slice(0, 8).map(({ client, name, state }) => `${client}: ${name} (${state})`)
  return Promise.resolve([
    warn(
      'mcp',
      `${open.length} of ${servers.length} MCP servers do not go through the gateway: ${names.join(', ')}.`,
      'sallyport init',
    ),
  ])
}
