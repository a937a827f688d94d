import type { Socket } from 'node:net'
import { fixture, many, portOf, printed, say, told, tunnelTo } from './egress-load.ts'

const WINDOW = 1_000
const LIMIT = 400
const SECONDS = 8
const NAMES = 2_000
const OPEN = 5_000

interface Told {
  readonly reached: Readonly<Record<string, number>>
  readonly queries: readonly (readonly [string, number])[]
  readonly records: readonly (readonly [string, number])[]
}

/** Names that are not allowed, name servers that change their mind, and limits. */
export async function guarded(): Promise<boolean> {
  const child = fixture('egress-guarded.mjs', String(WINDOW), String(LIMIT))
  const { free, limited, upstream } = JSON.parse(await printed(child)) as Readonly<
    Record<'free' | 'limited' | 'upstream', number>
  >
  const statuses: Record<string, number> = {}
  const ask = async (name: string): Promise<void> => {
    const { socket, status } = await tunnelTo(free, `${name}:${upstream}`)
    socket.destroy()
    const key = `${name.split('.')[1]} ${status}`
    statuses[key] = (statuses[key] ?? 0) + 1
  }
  await many(NAMES, 32, async (n) => ask(`n${n}.other.test`))
  for (const first of ['turns', 'mixed', 'inside']) await many(NAMES / 2, 32, async () => ask(`${first}.rebound.test`))
  const { queries, reached, records } = await told<Told>(child)
  const strays = queries.filter(([name]) => !name.endsWith('.rebound.test')).length
  const counted = new Map(records)
  let single = 0
  for (let n = 0; n < NAMES; n++) single += counted.get(`refused n${n}.other.test:${upstream}`) === 1 ? 1 : 0
  const tries = (NAMES / 2) * 3
  const rebound = records.filter(([key]) => key.includes('.rebound.test')).reduce((sum, [, n]) => sum + n, 0)
  const fine = [
    say(strays === 0, `DNS queries for names not allowed   ${strays} for ${NAMES} names`),
    say(single === NAMES, `refused tunnels                     ${single} of ${NAMES} have exactly one record`),
    say(
      reached['127.0.0.3'] === 0 && (reached['127.0.0.2'] ?? 0) > 0 && rebound === tries,
      `connections to unchecked addresses  ${reached['127.0.0.3']} of ${tries} tries with own name servers that change, mix or hide; ${reached['127.0.0.2']} to the checked one, ${rebound} records`,
    ),
    await within(limited, upstream),
  ]
  child.kill()
  return fine.every(Boolean)
}

/** Asks for more than a limit gives for some windows. */
async function within(limited: number, upstream: number): Promise<boolean> {
  const passed: number[] = []
  const started = performance.now()
  await many(Infinity, 32, async () => {
    const { socket, status } = await tunnelTo(limited, `127.0.0.2:${upstream}`)
    socket.destroy()
    const now = performance.now() - started
    if (status === '200') passed.push(now)
    if (now > SECONDS * WINDOW) throw new Error('over')
  }).catch(() => undefined)
  const inTime = passed.filter((at) => at <= SECONDS * WINDOW).length
  const error = Math.abs(inTime / (SECONDS * LIMIT) - 1)
  return say(
    error <= 0.05,
    `limiter                             ${inTime} of ${SECONDS * LIMIT} in ${SECONDS} windows of ${LIMIT}: error ${(error * 100).toFixed(1)} % (≤ 5 %)`,
  )
}

/** Thousands of tunnels at once, each of which still says what it is told. */
export async function open(): Promise<boolean> {
  const server = fixture('egress-upstream.mjs', 'echo')
  const upstream = await portOf(server)
  const proxy = fixture('egress-proxy.mjs', 'ours', String(upstream))
  const port = await portOf(proxy)
  const sockets: Socket[] = []
  const seconds = await many(OPEN, 64, async () => {
    const { socket, status } = await tunnelTo(port, `127.0.0.1:${upstream}`)
    if (status === '200') sockets.push(socket)
  })
  const echoed = await Promise.all(
    sockets.map(
      async (socket, n) =>
        new Promise<boolean>((resolve) => {
          const text = `tunnel ${n}.`
          socket.once('data', (chunk: Buffer) => resolve(chunk.toString() === text))
          socket.once('close', () => resolve(false))
          socket.write(text)
        }),
    ),
  )
  const alive = echoed.filter(Boolean).length
  const { reported, memory } = await told<{ readonly reported: number; readonly memory: number }>(proxy)
  for (const socket of sockets) socket.destroy()
  for (const child of [server, proxy]) child.kill()
  return say(
    alive === OPEN && reported === OPEN,
    `open tunnels                        ${alive} of ${OPEN} at once echo, ${reported} records, opened in ${seconds.toFixed(1)} s, the proxy takes ${(memory / 2 ** 20).toFixed(0)} MiB`,
  )
}
