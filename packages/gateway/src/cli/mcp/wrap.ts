import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { Duplex, Readable, Writable } from 'node:stream'
import { SallyportError } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { layout } from '../../config/paths.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { aliasFor } from './alias.ts'
import { LineSplitter } from './line-splitter.ts'
import { OpenRequests } from './open-requests.ts'
import { variableNames } from './server-order.ts'

/** ms: how long to wait for the credential of a gateway that has just started, and between attempts to reach one. */
const CREDENTIAL_WAIT = 3_000
const RETRY = 5_000
const CLOSE_WAIT = 5_000

interface Denial {
  readonly code: string
  readonly message: string
  readonly next: string
  readonly eventId?: string
}

/**
 * The thin end of `mcp wrap`: bytes to the gateway and back. Nothing happens before the first line has come, because clients
 * start a server only to look at it. Without a gateway every request is answered with an error; nothing is ever run here.
 */
export const run: CommandRun = (io, args, options) => wrap(io, args, options, process.stdin, process.stdout)

export async function wrap(
  io: CliIo,
  command: readonly string[],
  options: CliOptions,
  input: Readable,
  output: Writable,
): Promise<number> {
  const wrapping = new Wrapping(io, launchOf(io, command, options), options['agent'], output)
  const lines = new LineSplitter()
  return new Promise<number>((resolve) => {
    const finish = (code: number): void => {
      // An open standard input would keep the process alive.
      input.destroy()
      resolve(code)
    }
    wrapping.onEnd = finish
    input.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) wrapping.line(line, input)
    })
    input.once('end', () => wrapping.inputEnded())
    input.once('error', () => wrapping.inputEnded())
    io.signal.addEventListener('abort', () => wrapping.inputEnded(), { once: true })
  })
}

function launchOf(io: CliIo, command: readonly string[], options: CliOptions): string {
  const server = options['server']
  if (command.length === 0 && typeof server !== 'string') {
    throw new SallyportError('SP_CLI_USAGE', 'Give a command after --, or a configured server with --server.')
  }
  const env: Record<string, string> = {}
  for (const name of variableNames(options['env'])) {
    const value = environment()[name]
    if (value === undefined) throw new SallyportError('SP_CLI_USAGE', `The variable ${name} of --env is not set.`)
    env[name] = value
  }
  const alias = typeof server === 'string' ? server : aliasFor(command)
  return Buffer.from(JSON.stringify({ alias, command, cwd: io.cwd, env })).toString('base64url')
}

interface Launch {
  readonly alias: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

class Wrapping {
  onEnd: (code: number) => void = () => undefined
  private readonly io: CliIo
  private readonly launch: string
  private readonly agent: CliOptions[string]
  private readonly output: Writable
  private readonly open = new OpenRequests()
  private readonly answers = new LineSplitter()
  private waiting: Buffer[] = []
  private socket: Duplex | undefined
  private connecting = false
  private ended = false
  private triedAt = Number.NEGATIVE_INFINITY
  private denial: Denial | undefined

  constructor(io: CliIo, launch: string, agent: CliOptions[string], output: Writable) {
    this.io = io
    this.launch = launch
    this.agent = agent
    this.output = output
  }

  line(line: Buffer, input: Readable): void {
    this.open.sent(line)
    if (this.socket !== undefined) {
      if (!this.socket.write(line)) {
        input.pause()
        this.socket.once('drain', () => input.resume())
      }
      return
    }
    if (this.denial !== undefined && performance.now() - this.triedAt < RETRY) return this.deny(this.denial)
    this.waiting.push(line)
    if (!this.connecting) this.connect().catch((thrown: unknown) => this.unreachable(thrown))
  }

  inputEnded(): void {
    if (this.ended) return
    this.ended = true
    if (this.connecting) return
    if (this.socket === undefined) return this.onEnd(0)
    this.socket.end()
    setTimeout(() => this.socket?.destroy(), CLOSE_WAIT).unref()
  }

  private async connect(): Promise<void> {
    this.connecting = true
    this.triedAt = performance.now()
    const { agentSocket } = layout(this.io.stateDir)
    let answer = await upgrade(agentSocket, credential(this.io.stateDir, this.agent), this.launch)
    if (answer === undefined) {
      const { ensureGateway } = await import('../daemon/ensure.ts')
      await ensureGateway(this.io.stateDir, this.io.configPath)
      const until = performance.now() + CREDENTIAL_WAIT
      while (credential(this.io.stateDir, this.agent) === undefined && performance.now() < until) await pause(50)
      answer = await upgrade(agentSocket, credential(this.io.stateDir, this.agent), this.launch)
    }
    if (
      answer !== undefined &&
      'code' in answer &&
      answer.code === 'SP_MCP_UNKNOWN_SERVER' &&
      (await this.register())
    ) {
      answer = await upgrade(agentSocket, credential(this.io.stateDir, this.agent), this.launch)
    }
    if (answer === undefined) throw new Error('The gateway does not answer.')
    this.connecting = false
    if ('code' in answer) return this.deny(answer)
    this.connected(answer.socket, answer.head)
  }

  /** A new server is registered where the operator's socket is in reach and the gateway has no operator yet. */
  private async register(): Promise<boolean> {
    const { alias, command, cwd, env } = JSON.parse(Buffer.from(this.launch, 'base64url').toString('utf8')) as Launch
    if (command.length === 0) return false
    const order = { alias, command, cwd, env: Object.keys(env).sort() }
    return this.io.gateway.request('POST', '/api/v1/mcp/servers', order).then(
      () => true,
      () => false,
    )
  }

  private connected(socket: Duplex, head: Buffer): void {
    this.denial = undefined
    this.socket = socket
    const take = (chunk: Buffer): void => {
      for (const line of this.answers.push(chunk)) this.open.answered(line)
      if (!this.output.write(chunk)) {
        socket.pause()
        this.output.once('drain', () => socket.resume())
      }
    }
    if (head.length > 0) take(head)
    socket.on('data', take)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.lost())
    for (const line of this.waiting.splice(0)) socket.write(line)
    if (this.ended) socket.end()
  }

  /** The gateway has gone. What was open is answered; the client starts this command anew when it wants to go on. */
  private lost(): void {
    this.socket = undefined
    if (this.ended && this.open.empty) return this.onEnd(0)
    this.deny(UNAVAILABLE)
    this.io.err('sallyport: the connection to the gateway was lost.')
    this.onEnd(3)
  }

  private unreachable(thrown: unknown): void {
    this.connecting = false
    this.io.err(`sallyport: no gateway: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    this.deny(UNAVAILABLE)
  }

  private deny(denial: Denial): void {
    this.denial = denial
    this.waiting = []
    for (const id of this.open.take()) {
      const { code, next, eventId } = denial
      const data = { code, next, ...(eventId === undefined ? {} : { eventId }) }
      const error = JSON.stringify({ code: -32603, message: denial.message, data })
      this.output.write(`{"jsonrpc":"2.0","id":${id},"error":${error}}\n`)
    }
    if (this.ended) this.onEnd(3)
  }
}

const UNAVAILABLE: Denial = Object.freeze({
  code: 'SP_AUTHZ_UNAVAILABLE',
  message: 'The gateway cannot be reached, so the call is denied.',
  next: 'Start it with `sallyport up`, then retry.',
})

/** Header line of the agent's credential, which the running gateway keeps fresh; undefined when there is none yet. */
function credential(stateDir: string, agent: CliOptions[string]): string | undefined {
  const { agents } = layout(stateDir)
  const name = typeof agent === 'string' ? agent : onlyAgent(agents)
  if (name === undefined || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return undefined
  try {
    return /^authorization: *(Bearer [\x21-\x7e]+)\s*$/i.exec(
      readFileSync(join(agents, name, 'credential'), 'utf8'),
    )?.[1]
  } catch {
    return undefined
  }
}

function onlyAgent(directory: string): string | undefined {
  try {
    const names = readdirSync(directory, { withFileTypes: true }).filter((one) => one.isDirectory())
    return names.length === 1 ? names[0]?.name : undefined
  } catch {
    return undefined
  }
}

type Upgraded = { readonly socket: Duplex; readonly head: Buffer } | Denial

/** Undefined when nobody answers at the socket. */
function upgrade(socketPath: string, authorization: string | undefined, launch: string): Promise<Upgraded | undefined> {
  return new Promise((resolve) => {
    const headers = {
      host: 'localhost',
      connection: 'Upgrade',
      upgrade: 'sallyport-mcp',
      'sallyport-launch': launch,
      ...(authorization === undefined ? {} : { authorization }),
    }
    const sent = request({ socketPath, path: '/v1/mcp/stdio', method: 'GET', headers })
    sent.once('upgrade', (_answer, socket: Duplex, head: Buffer) => resolve({ socket, head }))
    sent.once('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => (text += chunk))
      answer.once('close', () => resolve(denialOf(text)))
    })
    sent.once('error', () => resolve(undefined))
    sent.end()
  })
}

function denialOf(text: string): Denial {
  try {
    const { code, title, detail, next, eventId } = JSON.parse(text) as Record<string, unknown>
    const message = [title, detail].filter((part) => typeof part === 'string' && part !== '').join(' ')
    const event = typeof eventId === 'string' ? { eventId } : {}
    return { code: String(code), message, next: String(next), ...event }
  } catch {
    return UNAVAILABLE
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
