import { chmodSync, existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load.ts'
import { layout } from '../../config/paths.ts'
import { whyPathIsUnsafe } from '../../config/unsafe-path.ts'
import { toSallyportError } from '@sallyport/core'
import { fail, ok, warn, type Check, type Examination, type Finding } from './check.ts'

/** Own files: whose they are, who else can read or write them, and where they lie (T-016, T-057). */
export const filesCheck: Check = (on) => {
  const files = layout(on.site.stateDir)
  if (!existsSync(files.stateDir)) {
    return Promise.resolve([fail('state', `${files.stateDir} does not exist.`, 'sallyport init')])
  }
  const findings = [...privateFiles(on, files.stateDir), ...stateInWorkspace(on)]
  const unsafe = whyPathIsUnsafe(files.stateDir)
  if (unsafe !== undefined)
    findings.push(fail('state-path', unsafe, `Let nobody else own or write the directories above ${files.stateDir}.`))
  return Promise.resolve(findings.length > 0 ? findings : [ok('state', `${files.stateDir} is private.`)])
}

function privateFiles({ uid }: Examination, stateDir: string): Finding[] {
  const files = layout(stateDir)
  const places = [
    stateDir,
    files.keys,
    files.run,
    files.agents,
    join(stateDir, 'hooks'),
    join(stateDir, 'backups'),
    files.store,
  ]
  const inside = [files.keys, files.run, join(stateDir, 'hooks')].flatMap((directory) =>
    existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [],
  )
  return [...places, ...inside].flatMap((path) => {
    const stat = existsSync(path) ? lstatSync(path) : undefined
    if (stat === undefined) return []
    if (stat.uid !== uid && stat.uid !== 0)
      return [fail('state', `${path} belongs to uid ${stat.uid}.`, `chown it, or find out who made it`)]
    if ((stat.mode & 0o077) === 0 || path.endsWith('.pub')) return []
    const tighten = (): void => chmodSync(path, stat.mode & 0o700)
    return [
      fail(
        'state',
        `${path} is open to others (mode ${(stat.mode & 0o777).toString(8)}).`,
        `chmod go-rwx '${path}'`,
        tighten,
      ),
    ]
  })
}

function stateInWorkspace({ io, site }: Examination): Finding[] {
  const inWorkspace = existsSync(join(io.cwd, '.git')) && site.stateDir.startsWith(`${io.cwd}/`)
  return inWorkspace
    ? [
        fail(
          'state-in-workspace',
          `${site.stateDir} lies in the working directory, where agents work.`,
          'Use the default, or --state outside every workspace.',
        ),
      ]
    : []
}

/** The configuration: readable, valid, and writable by nobody else. */
export const configurationCheck: Check = ({ site, now }) => {
  if (!existsSync(site.configPath)) {
    return Promise.resolve([warn('configuration', 'There is none: everything is denied.', 'sallyport init')])
  }
  const findings: Finding[] = []
  const { mode } = lstatSync(site.configPath)
  if ((mode & 0o022) !== 0) {
    const tighten = (): void => chmodSync(site.configPath, mode & 0o755)
    findings.push(
      fail('configuration', `${site.configPath} can be written by others.`, `chmod go-w '${site.configPath}'`, tighten),
    )
  }
  try {
    loadConfig(site.configPath, { env: environment(), stateDir: site.stateDir, now })
  } catch (thrown) {
    findings.push(
      fail('configuration', toSallyportError(thrown, 'SP_CONFIG_INVALID').message, 'sallyport config validate'),
    )
  }
  return Promise.resolve(findings.length > 0 ? findings : [ok('configuration', `${site.configPath} is valid.`)])
}
