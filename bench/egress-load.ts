import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

/** A program of `fixtures` in a process of its own. */
export const fixture = (name: string, ...words: readonly string[]): ChildProcess =>
  fork(fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)), words, {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })

/** What it prints first. */
export async function printed(child: ChildProcess): Promise<string> {
  const [text] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return text.toString()
}
export const portOf = async (child: ChildProcess): Promise<number> => Number(await printed(child))

/** What it answers when it is asked. */
export async function told<T>(child: ChildProcess): Promise<T> {
  const said = once(child, 'message')
  child.send('say')
  const [answer] = (await said) as [T]
  return answer
}

/** @returns seconds */
export async function many(count: number, atOnce: number, act: (n: number) => Promise<unknown>): Promise<number> {
  const started = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await act(next++)
    }),
  )
  return (performance.now() - started) / 1_000
}

/** A tunnel, and the first line of what the proxy said to it; it is closed when that is no 200. */
export function tunnelTo(proxy: number, target: string): Promise<{ readonly socket: Socket; readonly status: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: proxy, host: '127.0.0.1', noDelay: true })
    let said = ''
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('latin1')
      if (!said.includes('\r\n\r\n')) return
      socket.off('data', hear)
      const status = said.slice(9, 12)
      if (status !== '200') socket.destroy()
      resolve({ socket, status })
    }
    socket.on('error', reject).on('data', hear)
    socket.once('close', () => resolve({ socket, status: said.slice(9, 12) }))
    socket.once('connect', () => socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`))
  })
}

/** One tunnel with one request. @returns bytes of the answer's body */
export function through(proxy: number, upstream: number, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(proxy, '127.0.0.1')
    let [state, body] = [0, 0]
    socket.on('error', reject)
    socket.once('connect', () =>
      socket.write(`CONNECT 127.0.0.1:${upstream} HTTP/1.1\r\nhost: 127.0.0.1:${upstream}\r\n\r\n`),
    )
    socket.on('data', (chunk) => {
      if (state === 0) {
        if (!chunk.toString('latin1').includes(' 200 ')) return reject(new Error(chunk.toString()))
        state = 1
        socket.write(`GET /${bytes} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      } else if (state === 1) {
        state = 2
        body += chunk.length - (chunk.indexOf('\r\n\r\n') + 4)
      } else body += chunk.length
    })
    socket.once('close', () => (body === bytes ? resolve(body) : reject(new Error(`${body} of ${bytes} bytes came`))))
  })
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Prints one figure and whether it is as it has to be. */
export function say(isFine: boolean, text: string): boolean {
  console.log(`${isFine ? 'ok  ' : 'MISS'} ${text}`)
  return isFine
}
