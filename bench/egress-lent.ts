import { once } from 'node:events'
import { connect as tlsConnect, type TLSSocket } from 'node:tls'
import { fixture, many, median, printed, say, told, tunnelTo } from './egress-load.ts'

/** Requests with a credential that are timed, after as many to warm up. */
const TIMED = 1_000
const MOST_ADDED = 2
const RECORDED = 6_000

/** Asks over one connection, one request at a time. */
function asker(socket: TLSSocket, host: string): (path: string) => Promise<string> {
  let [answer, answered, failed] = ['', (_body: string): void => undefined, (): void => undefined]
  socket.once('close', () => failed())
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
    const [head = '', body] = answer.split('\r\n\r\n')
    const [, length = ''] = /content-length: (\d+)/i.exec(head) ?? []
    if (body !== undefined && body.length >= Number(length)) answered(body)
  })
  return async (path) => {
    answer = ''
    const done = new Promise<string>((resolve, reject) => {
      answered = resolve
      failed = () => reject(new Error('The connection was closed.'))
    })
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    return done
  }
}

async function timed(ask: (path: string) => Promise<string>, expected: string): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < TIMED; n++) {
    const started = performance.now()
    if ((await ask('/x')) !== expected) throw new Error('The answer is another one.')
    times.push(performance.now() - started)
  }
  return median(times)
}

/** What a warm request with a credential takes more than one that goes to the API itself, and that each of thousands has one record. */
export async function lent(): Promise<boolean> {
  const child = fixture('egress-lending.mjs')
  const { proxy, upstream, authority, direct } = JSON.parse(await printed(child)) as Readonly<
    Record<'authority' | 'direct', string>
  > &
    Readonly<Record<'proxy' | 'upstream', number>>
  const host = `localhost:${upstream}`
  const within = async (): Promise<TLSSocket> => {
    const { socket } = await tunnelTo(proxy, host)
    const secure = tlsConnect({ socket, servername: 'localhost', ca: [authority] })
    await once(secure, 'secureConnect')
    return secure
  }
  const plain = tlsConnect({ port: upstream, host: '127.0.0.1', servername: 'localhost', ca: [direct] })
  await once(plain, 'secureConnect')
  const [own, ours] = [asker(plain, host), asker(await within(), host)]
  await timed(own, 'without')
  await timed(ours, 'with')
  const rounds: [number, number][] = []
  for (let round = 0; round < 3; round++) rounds.push([await timed(ours, 'with'), await timed(own, 'without')])
  const added = median(rounds.map(([mine, theirs]) => mine - theirs))
  const [mine, theirs] = [median(rounds.map(([each]) => each)), median(rounds.map(([, each]) => each))]
  const isFast = say(
    added <= MOST_ADDED,
    `a request with a credential, p50  ours ${mine.toFixed(2)} ms, the API itself ${theirs.toFixed(2)} ms: ${added.toFixed(2)} more (≤ ${MOST_ADDED}), its use durable in the log, 3 × ${TIMED}`,
  )
  const askers = await Promise.all(Array.from({ length: 8 }, async () => asker(await within(), host)))
  const free = [...askers]
  await many(RECORDED, askers.length, async (n) => {
    const ask = free.pop()
    if (ask === undefined) throw new Error('More at once than there are.')
    await ask(`/each/${n}`)
    free.push(ask)
  })
  const records = new Map(await told<readonly (readonly [string, number])[]>(child))
  let single = 0
  for (let n = 0; n < RECORDED; n++) single += records.get(`https://${host}/each/${n}`) === 1 ? 1 : 0
  child.kill()
  const isRecorded = say(
    single === RECORDED,
    `requests with a credential          ${single} of ${RECORDED} have exactly one record`,
  )
  return isFast && isRecorded
}
