import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const SECRET = /(^|\.)(secret|token|headers|env|url)(\.|$)/

export const run: CommandRun = async (io, _args, options) => {
  const { config, file, set } = loadConfig(io.configPath, {
    env: environment(),
    stateDir: io.stateDir,
    now: systemClock.now(),
  })
  const rows = flatten(config, '').map(([path, value]) => {
    const given = [...set].some((name) => name === path || path.startsWith(`${name}.`))
    return { path, value: SECRET.test(path) ? '[REDACTED]' : value, origin: given ? (file ?? '') : 'default' }
  })
  if (io.json) io.out(JSON.stringify(rows))
  else if (options['origin'] === true)
    io.out(
      formatTable(
        ['SETTING', 'VALUE', 'ORIGIN'],
        rows.map((row) => [row.path, row.value, row.origin]),
      ),
    )
  else
    io.out(
      formatTable(
        ['SETTING', 'VALUE'],
        rows.map((row) => [row.path, row.value]),
      ),
    )
  return 0
}

function flatten(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, JSON.stringify(value)]]
  const members = Object.entries(value)
  if (members.length === 0) return [[path, '{}']]
  return members.flatMap(([key, member]) => flatten(member, path === '' ? key : `${path}.${key}`))
}
