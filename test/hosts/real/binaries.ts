import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const INSTALL_LIMIT = 240_000

/** A real agent that this test job downloads, never a dependency of ours. The version is pinned. */
export interface Binary {
  readonly package: string
  readonly version: string
  readonly executable: readonly string[]
}

const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
const triple = `${arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-musl`

export const CLAUDE_CODE_BINARY: Binary = {
  package: '@anthropic-ai/claude-code',
  version: '2.1.329',
  executable: ['@anthropic-ai', `claude-code-linux-${arch}`, 'claude'],
}
export const CODEX_BINARY: Binary = {
  package: '@openai/codex',
  version: '0.169.0',
  executable: ['@openai', `codex-linux-${arch}`, 'vendor', triple, 'bin', 'codex'],
}

export type Found = { readonly path: string } | { readonly missing: string }

/** Finds or installs the program below the user's cache. Install scripts do not run. */
export async function findBinary(binary: Binary): Promise<Found> {
  if (process.platform !== 'linux') return { missing: 'only on Linux' }
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const prefix = join(cache, 'sallyport', 'test-hosts', `${binary.package.replace('/', '+')}@${binary.version}`)
  const path = join(prefix, 'node_modules', ...binary.executable)
  if (existsSync(path)) return { path }
  if (process.env['SALLYPORT_TEST_OFFLINE'] === '1') return { missing: 'SALLYPORT_TEST_OFFLINE is set' }
  mkdirSync(prefix, { recursive: true })
  const args = [
    'install',
    '--prefix',
    prefix,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--no-save',
    '--loglevel=error',
  ]
  try {
    await run('npm', [...args, `${binary.package}@${binary.version}`], { timeout: INSTALL_LIMIT, cwd: prefix })
  } catch (thrown) {
    return { missing: `${binary.package}@${binary.version} cannot be installed: ${String(thrown).split('\n')[0]}` }
  }
  return existsSync(path)
    ? { path }
    : { missing: `${binary.package}@${binary.version} has no program for this machine` }
}

/** The command that runs another one with nothing but a loopback network, or why there is none. */
export async function loopbackOnly(): Promise<readonly string[] | string> {
  const inside = 'ip link set lo up && exec "$@"'
  for (const flags of [['-n'], ['-rn']]) {
    const command = ['unshare', ...flags, 'sh', '-c', inside, 'sh']
    try {
      await run(command[0] ?? '', [...command.slice(1), 'true'], { timeout: 10_000 })
      return command
    } catch {
      continue
    }
  }
  return 'no loopback-only network namespace can be made here'
}
