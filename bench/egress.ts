/**
 * The way out of a sandbox against a trivial CONNECT proxy, tinyproxy and squid, side by side: tunnels a second with one request each, bulk,
 * and one at a time; what a request with a credential takes; and what has to be exact: records, name queries, checked addresses, limits,
 * open tunnels. Upstream, proxies and load are processes of their own. `npm run bench -- egress`
 */
import { cpus } from 'node:os'
import { guarded, open } from './egress-guarded.ts'
import { lent } from './egress-lent.ts'
import { fixture, many, median, portOf, say, through, told } from './egress-load.ts'
import { startPeers } from './egress-peers.ts'

const ROUNDS = 5
const TUNNELS = 1_500
const AT_ONCE = 32
const BULK = 64 << 20
const BULKS = 8
const SINGLE = 200
const TARGETS = { rate: 0.7, bulk: 0.9 }

type Figures = Record<string, number[]>

/** Exit 1 when a figure is missed. */
export async function run(): Promise<number> {
  const server = fixture('egress-upstream.mjs')
  const upstream = await portOf(server)
  const [trivial, ours] = ['trivial', 'ours'].map((kind) => fixture('egress-proxy.mjs', kind, String(upstream)))
  if (trivial === undefined || ours === undefined) return 1
  const { peers, absent } = await startPeers(upstream)
  const ports = { trivial: await portOf(trivial), ours: await portOf(ours) }
  const kinds = [...Object.entries(ports), ...peers.map(({ name, port }) => [name, port] as const)]
  const [rates, bulks, single]: Figures[] = [{}, {}, {}]
  const add = (to: Figures | undefined, kind: string, value: number): void => void ((to ?? {})[kind] ??= []).push(value)
  let tunnels = 0
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`)
    for (const [kind, port] of kinds) {
      const ask = (bytes: number) => async (): Promise<number> => through(port, upstream, bytes)
      add(rates, kind, TUNNELS / (await many(TUNNELS, AT_ONCE, ask(2))))
      add(bulks, kind, (BULKS * BULK) / 1e6 / (await many(BULKS, 4, ask(BULK))))
      add(single, kind, ((await many(SINGLE, 1, ask(2))) * 1_000) / SINGLE)
      if (kind === 'ours') tunnels += TUNNELS + BULKS + SINGLE
    }
  }
  const { reported } = await told<{ readonly reported: number }>(ours)
  for (const child of [server, trivial, ours]) child.kill()
  for (const { close } of peers) close()
  const fine = [
    compared('tunnels a second, 32 at once', rates ?? {}, TARGETS.rate),
    compared('MB/s, 4 at once', bulks ?? {}, TARGETS.bulk),
  ]
  const times = Object.entries(single ?? {}).map(([kind, values]) => `${kind} ${median(values).toFixed(2)}`)
  console.log(`     one at a time, ms                   ${times.join('  ')}`)
  for (const name of absent) console.log(`     ${name} is not installed here, so that it was not measured.`)
  fine.push(say(reported === tunnels, `allowed tunnels                     ${reported} records for ${tunnels}`))
  fine.push(await lent(), await guarded(), await open())
  console.log(`median of ${ROUNDS} rounds; ${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.version}`)
  return fine.every(Boolean) ? 0 : 1
}

/** Ours against the trivial one round by round, which has to reach `least`, and against each other that is here. */
function compared(what: string, figures: Figures, least: number): boolean {
  const ratio = (peer: string): number =>
    median((figures['ours'] ?? []).map((value, n) => value / (figures[peer]?.[n] ?? 1)))
  const others = Object.keys(figures).filter((kind) => kind !== 'ours' && kind !== 'trivial')
  const shown = (kind: string): string => median(figures[kind] ?? []).toFixed(0)
  const is = ratio('trivial')
  return say(
    is >= least,
    `${what.padEnd(35)} ours ${shown('ours')}, trivial ${shown('trivial')}: ${is.toFixed(2)} (≥ ${least})${others
      .map((kind) => `; ${kind} ${shown(kind)}: ${ratio(kind).toFixed(2)}`)
      .join('')}`,
  )
}
