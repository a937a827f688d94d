import { spawn, type ChildProcess } from 'node:child_process'
import { decodeUtf8, LineFramer, SallyportError } from '@sallyport/core'
import type { Confine } from '../sandbox/confine.ts'
import type { StdioServerSpec } from './spec.ts'
import type { Outgoing, Transport, TransportSink } from './transport.ts'

/** Variables of the gateway's environment that a server gets; nothing else does (T-086). */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TERM'] as const
/** Longest line of standard error that goes to the operational log, and how many lines a second. */
const STDERR_LINE = 2_000
const STDERR_LINES_PER_SECOND = 50
/** Bytes waiting for a server that does not read. */
const MAX_BACKLOG = 16 * 1024 * 1024

export interface StdioTransportDeps {
  readonly confine: Confine
  /** The gateway's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly maxMessageBytes: number
  /** ms from closed standard input to SIGTERM, and again to SIGKILL. */
  readonly graceMs: number
  readonly log: (message: string, fields: Readonly<Record<string, string | number>>) => void
}

/** A server as a child process in a process group of its own: one JSON object per line, standard error is its log. */
export class StdioTransport implements Transport {
  readonly confinement: string
  private readonly spec: StdioServerSpec
  private readonly deps: StdioTransportDeps
  private child: ChildProcess | undefined
  private exited: Promise<void> = Promise.resolve()
  private ended = false

  constructor(spec: StdioServerSpec, deps: StdioTransportDeps) {
    this.spec = spec
    this.deps = deps
    this.confinement = spec.sandbox === undefined ? 'unsandboxed' : `bubblewrap: ${spec.sandbox.name}`
  }

  async start(sink: TransportSink): Promise<void> {
    const child = await this.launch()
    this.child = child
    this.readOutput(child, sink)
    this.readErrors(child)
    child.stdin?.on('error', () => undefined)
    child.once('close', (code, signal) => {
      if (this.ended) return
      this.ended = true
      sink.closed(signal === null ? `The server exited with code ${code}.` : `The server was ended by ${signal}.`)
    })
  }

  private async launch(): Promise<ChildProcess> {
    const { command, cwd, sandbox } = this.spec
    const [program, ...args] = command
    if (program === undefined) throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The server has no command.')
    const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe']
    const place = cwd === undefined ? {} : { cwd }
    const child =
      sandbox === undefined
        ? spawn(program, args, { env: this.environment(), stdio, detached: true, ...place })
        : (await this.deps.confine({ ...this.spec, isOperators: true }, sandbox)).child
    this.exited = new Promise((resolve) => {
      child.once('close', () => resolve())
      child.once('error', () => resolve())
    })
    if (sandbox !== undefined) return child
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) => {
        const why =
          'code' in cause && cause.code === 'ENOENT' ? 'The program or its directory was not found.' : cause.message
        reject(new SallyportError('SP_MCP_UPSTREAM_FAILED', why, { cause }))
      })
    })
    return child
  }

  async send({ text }: Outgoing): Promise<void> {
    const stdin = this.child?.stdin
    if (this.ended || stdin === null || stdin === undefined || !stdin.writable) {
      throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The server is not running.')
    }
    if (stdin.writableLength > MAX_BACKLOG) {
      throw new SallyportError('SP_MCP_UPSTREAM_FAILED', 'The server does not read what it is sent.')
    }
    // A message is one line: JSON text may hold line breaks between its tokens, never inside a string.
    stdin.write(text.includes('\n') ? `${text.replaceAll('\n', ' ')}\n` : `${text}\n`)
  }

  established(): void {}

  abandon(): boolean {
    return false
  }

  /** Closes standard input, waits, SIGTERM, waits, SIGKILL; signals go to the whole group. */
  async close(): Promise<void> {
    this.ended = true
    const { child } = this
    if (child?.pid === undefined) return
    child.stdin?.end()
    if (!(await this.exitedWithin(this.deps.graceMs))) signal(child.pid, 'SIGTERM')
    await this.exitedWithin(this.deps.graceMs)
    // also what a server that has ended left behind in its group
    signal(child.pid, 'SIGKILL')
    await this.exitedWithin(this.deps.graceMs)
    child.stdout?.destroy()
    child.stderr?.destroy()
  }

  private environment(): Record<string, string> {
    const own: Record<string, string> = {}
    for (const name of INHERITED) {
      const value = this.deps.environment[name]
      if (value !== undefined) own[name] = value
    }
    return { ...own, ...this.spec.env }
  }

  private readOutput(child: ChildProcess, sink: TransportSink): void {
    const framer = new LineFramer(this.deps.maxMessageBytes)
    child.stdout?.on('data', (chunk: Buffer) => {
      for (const frame of framer.push(chunk)) {
        if (this.ended) return
        if (frame.kind === 'oversize') {
          sink.violation(`A line is longer than ${frame.limit} bytes.`)
          continue
        }
        try {
          const text = decodeUtf8(frame.bytes)
          if (text.trim() !== '') sink.message(text)
        } catch {
          sink.violation('A line is not UTF-8.')
        }
      }
    })
    child.stdout?.on('error', () => undefined)
  }

  private readErrors(child: ChildProcess): void {
    const framer = new LineFramer(STDERR_LINE)
    let second = 0
    let lines = 0
    child.stderr?.on('data', (chunk: Buffer) => {
      for (const frame of framer.push(chunk)) {
        const now = Math.floor(performance.now() / 1000)
        if (now !== second) {
          second = now
          lines = 0
        }
        if (++lines > STDERR_LINES_PER_SECOND) continue
        const text = frame.kind === 'line' ? Buffer.from(frame.bytes).toString('utf8') : '(line too long)'
        this.deps.log('server wrote to standard error', { server: this.spec.alias, text })
      }
    })
    child.stderr?.on('error', () => undefined)
  }

  private async exitedWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms)
    })
    const done = await Promise.race([this.exited.then(() => true as const), late])
    clearTimeout(timer)
    return done
  }
}

/** To the whole group of a process. */
function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, name)
  } catch {
    // Nobody is left in the group.
  }
}
