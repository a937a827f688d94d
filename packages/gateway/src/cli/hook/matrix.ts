import { SallyportError, type Json } from '@sallyport/core'
import type { Host } from '../../hosts/host.ts'
import { HOSTS } from '../../hosts/table.ts'
import type { CommandRun } from '../command.ts'

/** Prints what is known of the hosts. Facts, not promises: every row says where it comes from and what proves it. */
export const run: CommandRun = (io, args) => {
  const [id] = args
  const hosts = id === undefined ? HOSTS : HOSTS.filter(({ profile }) => profile.id === id)
  if (hosts.length === 0) throw new SallyportError('SP_HOST_UNKNOWN', id)
  if (io.json) {
    io.out(JSON.stringify({ hosts: hosts.map(hostJson) }))
    return Promise.resolve(0)
  }
  io.out(row(['host', 'versions', 'wired', 'mode', 'crash', 'time-out', 'junk', 'silent', 'can ask']))
  for (const host of hosts) io.out(row(cells(host)))
  for (const host of id === undefined ? [] : hosts) {
    io.out('')
    for (const { id: fact, statement, versions, date, source, test } of host.profile.facts) {
      io.out(`${fact} (${versions}, ${date})\n  ${statement}\n  source: ${source}\n  proof: ${test}`)
    }
  }
  return Promise.resolve(0)
}

/** `enforcing`: a dead or slow hook blocks. `observe-only`: a dead hook lets calls through. */
export function modeOf({ wired, profile }: Host): 'enforcing' | 'observe-only' | 'not wired yet' {
  if (!wired) return 'not wired yet'
  const { crash, timeout } = (profile.hardened ?? profile).failure
  return crash === 'closed' && timeout === 'closed' ? 'enforcing' : 'observe-only'
}

function cells(host: Host): readonly string[] {
  const { profile } = host
  const hard = profile.hardened?.failure
  const word = (key: 'crash' | 'timeout' | 'badOutput' | 'silent'): string =>
    hard === undefined || hard[key] === profile.failure[key]
      ? profile.failure[key]
      : `${profile.failure[key]}→${hard[key]}`
  return [
    profile.id,
    profile.versions,
    host.wired ? 'yes' : 'no',
    modeOf(host),
    word('crash'),
    word('timeout'),
    word('badOutput'),
    word('silent'),
    profile.canAsk ? 'yes' : 'no',
  ]
}

const WIDTHS = [12, 10, 6, 14, 12, 12, 6, 7, 8]
const row = (texts: readonly string[]): string =>
  texts
    .map((text, at) => text.padEnd(WIDTHS[at] ?? 0))
    .join(' ')
    .trimEnd()

function hostJson(host: Host): Json {
  const { profile } = host
  return {
    id: profile.id,
    title: profile.title,
    versions: profile.versions,
    wired: host.wired,
    mode: modeOf(host),
    canAsk: profile.canAsk,
    events: profile.events,
    failure: { ...profile.failure },
    hardened: profile.hardened === undefined ? null : { ...profile.hardened, failure: { ...profile.hardened.failure } },
    facts: profile.facts.map((fact) => ({ ...fact })),
  }
}
