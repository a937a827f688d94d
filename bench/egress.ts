/**
 * The way out of a sandbox against a trivial CONNECT proxy, side by side: tunnels a second with one request each, bulk, and one at a time;
 * every tunnel has exactly one record. Upstream, proxies and load are processes of their own. `npm run bench -- egress`
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as tlsConnect, type TLSSocket } from 'node:tls'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const ROUNDS = 5
const TUNNELS = 1_500
const AT_ONCE = 32
const BULK = 64 << 20
const BULKS = 8
/** Requests with a credential, after as many to warm up. */
const INTERCEPTED = 500
const MOST_ADDED = 2
const HOST = { name: '' }
const TARGETS = { rate: 0.7, bulk: 0.9 }

const fixture = (name: string, ...words: readonly string[]): ChildProcess =>
  fork(fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)), words, {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
async function portOf(child: ChildProcess): Promise<number> {
  const [text] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return Number(text.toString())
}

/** One tunnel with one request. @returns bytes of the answer's body */
function through(proxy: number, upstream: number, bytes: number): Promise<number> {
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

async function many(count: number, atOnce: number, act: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  let left = count
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await act()
    }),
  )
  return (performance.now() - started) / 1_000
}

/** Requests one after the other over one connection. @returns ms of each */
async function timed(socket: TLSSocket, expected: string): Promise<readonly number[]> {
  const times: number[] = []
  let [answer, answered] = ['', (): void => undefined]
  const hear = (chunk: Buffer): void => {
    answer += chunk.toString()
    if (answer.endsWith(expected)) answered()
  }
  socket.on('data', hear)
  for (let n = 0; n < INTERCEPTED; n++) {
    const started = performance.now()
    answer = ''
    const done = new Promise<void>((resolve) => (answered = resolve))
    socket.write(`GET /x HTTP/1.1\r\nhost: ${HOST.name}\r\n\r\n`)
    await done
    times.push(performance.now() - started)
  }
  socket.off('data', hear)
  return times
}

/** What a warm request with a credential takes more than one that goes to the API itself, ms. */
async function intercepted(): Promise<{ readonly direct: number; readonly ours: number }> {
  const child = fixture('egress-lending.mjs')
  const [text] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const { proxy, upstream, authority, direct } = JSON.parse(text.toString()) as Readonly<
    Record<'authority' | 'direct', string>
  > &
    Readonly<Record<'proxy' | 'upstream', number>>
  HOST.name = `localhost:${upstream}`
  const plain = tlsConnect({ port: upstream, host: '127.0.0.1', servername: 'localhost', ca: [direct] })
  await once(plain, 'secureConnect')
  const tunnel = connect(proxy, '127.0.0.1')
  tunnel.write(`CONNECT localhost:${upstream} HTTP/1.1\r\n\r\n`)
  await once(tunnel, 'data')
  const through = tlsConnect({ socket: tunnel, servername: 'localhost', ca: [authority] })
  await once(through, 'secureConnect')
  await timed(plain, 'without')
  await timed(through, 'with')
  const [mine, theirs] = [await timed(through, 'with'), await timed(plain, 'without')]
  for (const socket of [plain, through]) socket.destroy()
  child.kill()
  return { direct: median(theirs), ours: median(mine) }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Exit 1 when a ratio is missed, or a tunnel has no record or two. */
export async function run(): Promise<number> {
  const server = fixture('egress-upstream.mjs')
  const upstream = await portOf(server)
  const kinds = ['trivial', 'ours'] as const
  const children = Object.fromEntries(kinds.map((kind) => [kind, fixture('egress-proxy.mjs', kind, String(upstream))]))
  const ports = Object.fromEntries(
    await Promise.all(kinds.map(async (kind) => [kind, await portOf(children[kind] as ChildProcess)] as const)),
  )
  const rates: Record<string, number[]> = { trivial: [], ours: [] }
  const bulks: Record<string, number[]> = { trivial: [], ours: [] }
  const single: Record<string, number[]> = { trivial: [], ours: [] }
  let tunnels = 0
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`)
    for (const kind of kinds) {
      const port = ports[kind] ?? 0
      const ask = (bytes: number) => (): Promise<number> => through(port, upstream, bytes)
      rates[kind]?.push(TUNNELS / (await many(TUNNELS, AT_ONCE, ask(2))))
      bulks[kind]?.push((BULKS * BULK) / 1e6 / (await many(BULKS, 4, ask(BULK))))
      single[kind]?.push(((await many(200, 1, ask(2))) * 1_000) / 200)
      if (kind === 'ours') tunnels += TUNNELS + BULKS + 200
    }
  }
  const ours = children['ours'] as ChildProcess
  const said = once(ours, 'message')
  ours.send('say')
  const [{ reported }] = (await said) as [{ readonly reported: number }]
  for (const child of [server, ...Object.values(children)]) child.kill()
  const ratio = (of: Record<string, number[]>): number =>
    median((of['ours'] ?? []).map((value, n) => value / (of['trivial']?.[n] ?? 1)))
  const rows = [
    ['tunnels a second, 32 at once', rates, ratio(rates), TARGETS.rate],
    ['MB/s, 4 at once', bulks, ratio(bulks), TARGETS.bulk],
  ] as const
  for (const [what, of, is, least] of rows)
    console.log(
      `${is >= least ? 'ok  ' : 'MISS'} ${what.padEnd(30)} ours ${median(of['ours'] ?? [])
        .toFixed(0)
        .padStart(6)}  trivial ${median(of['trivial'] ?? [])
        .toFixed(0)
        .padStart(6)}  ${is.toFixed(2)} (≥ ${least})`,
    )
  console.log(
    `     one at a time, ms              ours ${median(single['ours'] ?? []).toFixed(2)}  trivial ${median(single['trivial'] ?? []).toFixed(2)}`,
  )
  const { direct, ours: lent } = await intercepted()
  const added = lent - direct
  console.log(
    `${added <= MOST_ADDED ? 'ok  ' : 'MISS'} a request with a credential, p50      ours ${lent.toFixed(2)} ms, the API itself ${direct.toFixed(2)} ms: ${added.toFixed(2)} more (≤ ${MOST_ADDED}), its record durable, ${INTERCEPTED} requests`,
  )
  console.log(`${reported === tunnels ? 'ok  ' : 'MISS'} records ${reported} for ${tunnels} tunnels`)
  console.log(`median of ${ROUNDS} rounds; ${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.version}`)
  return rows.every(([, , is, least]) => is >= least) && added <= MOST_ADDED && reported === tunnels ? 0 : 1
}
