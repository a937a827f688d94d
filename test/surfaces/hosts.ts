import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { House } from './house.ts'

const MAIN = fileURLToPath(new URL('../../packages/surface/src/main.ts', import.meta.url))
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
/** How the process of a surface is started without being built. */
export const PROGRAM: readonly string[] = [process.execPath, '--conditions=source', '--import', TSX, MAIN]

/** What the surface sent to its model: parsed, in the form of its API. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Asked = any
type Play = { readonly text?: string; readonly calls?: readonly { readonly name: string; readonly args: object }[] }

export interface ModelServer {
  readonly url: string
  readonly asked: Asked[]
  /** What the model says next; nobody trains it. */
  play: (asked: Asked) => Play | Promise<Play>
  close(): Promise<void>
}

/** A model of either API that says what the test wants. */
export async function openModel(api: 'openai' | 'anthropic'): Promise<ModelServer> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString('utf8')))
    request.on('end', () => {
      const body = JSON.parse(text) as Asked
      asked.push({ ...body, headers: request.headers, path: request.url })
      void Promise.resolve(model.play(body)).then((play) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(FORMS[api](play)))
      })
    })
  })
  const url = await listening(server)
  const model: ModelServer = {
    ...{ url, asked, play: () => ({ text: 'Hello.' }) },
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  }
  return model
}

const FORMS = {
  openai: ({ text = '', calls = [] }: Play) => ({
    choices: [
      {
        message: {
          role: 'assistant',
          content: text,
          ...(calls.length === 0
            ? {}
            : {
                tool_calls: calls.map(({ name, args }, at) => ({
                  ...{ id: `call_${at}`, type: 'function', function: { name, arguments: JSON.stringify(args) } },
                })),
              }),
        },
      },
    ],
  }),
  anthropic: ({ text = '', calls = [] }: Play) => ({
    content: [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...calls.map(({ name, args }, at) => ({ type: 'tool_use', id: `toolu_${at}`, name, input: args })),
    ],
  }),
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface Host {
  readonly process: ChildProcess
  readonly said: () => string
  readonly exited: Promise<number | null>
  ask(
    body: unknown,
    more?: { readonly type?: string; readonly method?: string; readonly path?: string },
  ): Promise<{
    readonly status: number
    readonly body: { readonly reply?: string; readonly session?: string; readonly error?: string }
  }>
  stop(): Promise<void>
}

const CLEAN = { PATH: process.env['PATH'] ?? '/usr/bin', HOME: '/nonexistent', LANG: 'C.UTF-8' }

/** Writes the settings and starts the process; `place` is where its socket comes to lie. */
export async function startHost(
  house: House,
  name: string,
  settings: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Host> {
  const file = join(house.place, `${name}.json`)
  const socket = join(house.place, `${name}.sock`)
  writeFileSync(join(house.place, `${name}.md`), `You are ${name}.`)
  const whole = { agent: name, gateway: { state: house.state }, prompt: `${name}.md`, listen: { socket }, ...settings }
  writeFileSync(file, JSON.stringify(whole))
  const [program = '', ...args] = PROGRAM
  const child = spawn(program, [...args, file], { env: { ...CLEAN, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (part: Buffer) => (said += part.toString('utf8')))
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const ready = new Promise<void>((resolve) =>
    child.stderr?.on('data', () => said.includes(' surface of ') && resolve()),
  )
  await Promise.race([ready, exited])
  return {
    ...{ process: child, said: () => said, exited },
    ask: (body, { type = 'application/json', method = 'POST', path = '/chat' } = {}) =>
      new Promise((resolve, reject) => {
        const request = httpRequest(
          { socketPath: socket, method, path, headers: { 'content-type': type } },
          (answer) => {
            let text = ''
            answer.on('data', (part: Buffer) => (text += part.toString('utf8')))
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as never }))
          },
        )
        request.on('error', reject)
        request.end(typeof body === 'string' ? body : JSON.stringify(body))
      }),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
