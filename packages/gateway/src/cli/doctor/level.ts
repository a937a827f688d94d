import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { layout } from '../../config/paths.ts'
import type { Site } from '../init/plan.ts'
import { ok, warn, type Check } from './check.ts'

type Level = 'L0' | 'L1' | 'L2'

export interface Measured {
  readonly level: Level
  /** What makes it that level, worst first. */
  readonly because: readonly string[]
}

/** Groups whose members are root by another name. */
const ROOT_GROUPS = ['docker', 'lxd', 'incus', 'disk', 'libvirt', 'podman']
const ENGINE_SOCKETS = [
  '/var/run/docker.sock',
  '/run/podman/podman.sock',
  '/var/lib/incus/unix.socket',
  '/var/lib/lxd/unix.socket',
]

/**
 * The deployment level as the account of whoever runs this sees it (threat-model §2). Run it as the agent does: what is
 * reachable for this process is reachable for the agent. Probes, not configuration.
 */
export function measureLevel(on: {
  readonly site: Pick<Site, 'stateDir' | 'configPath' | 'program'>
  readonly uid: number
}): Measured {
  const { site, uid } = on
  const files = layout(site.stateDir)
  const because: string[] = []
  if (uid === 0) because.push('this account is root')
  const owner = existsSync(files.stateDir) ? statSync(files.stateDir).uid : uid
  if (owner === uid) because.push('the gateway runs under this account')
  const secret = [files.keys, join(files.keys, 'mac.key'), files.store].find((path) => may(path, constants.R_OK))
  if (secret !== undefined) because.push(`${secret} can be read`)
  const writable = [site.configPath, site.program, files.store].find((path) => may(path, constants.W_OK))
  if (writable !== undefined) because.push(`${writable} can be written`)
  if (uid !== 0 && sudoWithoutPassword()) because.push('sudo asks for no password')
  const groups = rootGroups()
  if (groups.length > 0) because.push(`member of ${groups.join(', ')}`)
  const engine = ENGINE_SOCKETS.find((path) => uid !== 0 && may(path, constants.W_OK))
  if (engine !== undefined) because.push(`${engine} can be reached`)
  if (because.length > 0) return { level: 'L0', because }
  return { level: 'L2', because: ['the gateway is another account, and no way to it was found'] }
}

export const levelCheck: Check = (on) => {
  const { level, because } = measureLevel(on)
  const detail = `${level}: ${because.join('; ')}.`
  return Promise.resolve([
    level === 'L0'
      ? warn(
          'level',
          `${detail} Advisory: an agent that runs code of its own can go round, edit or stop Sallyport.`,
          'Run the gateway under an account of its own.',
        )
      : ok('level', detail),
  ])
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

function sudoWithoutPassword(): boolean {
  const sudo = ['/usr/bin/sudo', '/usr/local/bin/sudo'].find((path) => existsSync(path))
  if (sudo === undefined) return false
  try {
    execFileSync(sudo, ['-n', '/bin/true'], { timeout: 3000, stdio: 'ignore', env: {} })
    return true
  } catch {
    return false
  }
}

function rootGroups(): readonly string[] {
  const mine = new Set(process.getgroups?.() ?? [])
  const table = existsSync('/etc/group') ? readFileSync('/etc/group', 'utf8') : ''
  return table.split('\n').flatMap((line) => {
    const [name = '', , id = ''] = line.split(':')
    return ROOT_GROUPS.includes(name) && mine.has(Number(id)) ? [name] : []
  })
}
