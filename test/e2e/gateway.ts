import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UNCONFINED } from '../unconfined.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
export const PROGRAM = here('../../packages/gateway/bin/sallyport.js')

/** A gateway process with state, configuration and the counter server, all in one directory. */
export class TestGateway {
  readonly place = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'))
  readonly state = join(this.place, 'state')
  readonly executed = join(this.place, 'executed')
  readonly config = join(this.place, 'sallyport.yaml')
  process: ChildProcess | undefined

  constructor(policy = 'permit (principal, action, resource);') {
    writeFileSync(this.executed, '')
    writeFileSync(join(this.place, 'test.cedar'), `// version: 1.0\n@id("test.allow")\n${policy}\n`)
    const command = JSON.stringify([process.execPath, here('./counter-server.mjs'), this.executed])
    const note = '{ effect: write, groups: [group:fs], args: { id: param } }'
    writeFileSync(
      this.config,
      `version: 1\npolicies: [./test.cedar]\n${UNCONFINED}\nservers:\n  counter:\n    command: ${command}\n    trust: trusted\n    tools: { count: ${note} }\n`,
    )
  }

  /** Starts it and resolves when it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [here('./host.mjs'), this.state, this.config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: ENV,
    })
    this.process = child
    let said = ''
    child.stderr.on('data', (data: Buffer) => (said += data.toString()))
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve())
      child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}: ${said}`)))
    })
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }

  /** One call over the API, as the agent. Rejects when there is no answer. */
  call(id: string, key: string): Promise<{ readonly status: number; readonly body: string }> {
    return this.post('/v1/calls?wait=20', { tool: 'counter.count', arguments: { id } }, { 'idempotency-key': key })
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const line = readFileSync(join(this.state, 'agents/tester/credential'), 'utf8').trim()
    const authorization = line.slice(line.indexOf(':') + 1).trim()
    const text = JSON.stringify(body)
    return new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
      const sent = request(
        {
          socketPath: join(this.state, 'run/agent.sock'),
          method: 'POST',
          path,
          headers: {
            host: 'localhost',
            authorization,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
            ...headers,
          },
        },
        (answer) => {
          let received = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => (received += chunk))
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: received }))
          answer.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(text)
    })
  }

  /** Ids in the order the server executed them. */
  ran(): readonly string[] {
    return readFileSync(this.executed, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  }

  cli(...args: string[]): { readonly code: number; readonly out: string; readonly err: string } {
    return sallyport(['--state', this.state, '--config', this.config, ...args])
  }

  async close(): Promise<void> {
    await this.kill('SIGKILL')
    rmSync(this.place, { recursive: true, force: true })
  }
}

const ENV = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), LANG: 'C.UTF-8' }

/** Runs the built command line. */
export function sallyport(args: readonly string[], env: Record<string, string> = {}) {
  const done = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    env: { ...ENV, ...env },
    timeout: 60_000,
    maxBuffer: 512 * 1024 * 1024,
  })
  return { code: done.status ?? -1, out: done.stdout, err: done.stderr }
}
