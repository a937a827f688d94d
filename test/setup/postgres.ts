import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

/** A throw-away PostgreSQL server: no port, no password, a socket directory that is the access control. */
export interface TestPostgres {
  /** Makes an empty database and returns its URL. */
  database(): Promise<string>
  /** Runs statements on the server's own database, e.g. to break connections. */
  admin(text: string): Promise<void>
  stop(): Promise<void>
}

const ROOT = '/usr/lib/postgresql'

/** Newest server programs on this machine, or undefined. */
function findPrograms(): string | undefined {
  if (!existsSync(ROOT)) return undefined
  const versions = readdirSync(ROOT).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(ROOT, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
}

/** Starts a server, or says on standard error what is not verified without one. */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const bin = findPrograms()
  const identity = bin === undefined ? undefined : serverIdentity()
  if (bin === undefined || identity === undefined) {
    process.stderr.write('not verified: PostgreSQL store (no server programs; apt-get install postgresql)\n')
    return undefined
  }
  const directory = mkdtempSync(join(tmpdir(), 'sp-pg-'))
  if (identity.uid !== undefined) chownSync(directory, identity.uid, identity.gid ?? 0)
  const options = {
    ...identity,
    cwd: directory,
    env: { PATH: process.env['PATH'], HOME: directory, LC_ALL: 'C.UTF-8' },
  }
  const data = join(directory, 'data')
  const init = ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
  execFileSync(join(bin, 'initdb'), init, { ...options, stdio: 'ignore' })
  const settings = ['listen_addresses=', 'shared_buffers=32MB', 'max_connections=100'].flatMap((s) => ['-c', s])
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-k', directory, ...settings], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const kill = (): void => void server.kill('SIGQUIT')
  process.on('exit', kill)
  await ready(server)
  let count = 0
  const url = (database: string): string => `postgresql://test@/${database}?host=${encodeURIComponent(directory)}`
  const admin = async (text: string): Promise<void> => {
    const client = new Client({ connectionString: url('postgres') })
    await client.connect()
    try {
      await client.query(text)
    } finally {
      await client.end()
    }
  }
  return {
    admin,
    async database() {
      const name = `test_${process.pid}_${++count}`
      await admin(`CREATE DATABASE ${name}`)
      return url(name)
    },
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return
      process.off('exit', kill)
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGQUIT')
      await gone
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses root: as root its own user runs it. */
function serverIdentity(): { readonly uid?: number; readonly gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {}
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('ready to accept connections')) resolve()
    })
    server.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said.slice(-2000)}`)))
  })
}
