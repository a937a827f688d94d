/**
 * What people wait for: approvals on the screen, the console's first load, a thousand consoles at once, and limits to the request.
 *
 *   npm run bench -- surfaces [approvals] [load] [sockets] [limits] [--json]
 *
 * Options: `--runs=N` of approvals and load; `--minutes=N`, `--clients=N`, `--rate=N` (requests a second) of sockets; `--seconds=N`
 * of limits. The bar for the heap is for `--minutes=10`: then it is read after two minutes and after ten.
 */
import { cpus, loadavg } from 'node:os'
import type { Figure } from './surfaces-figure.ts'

type Part = (args: readonly string[]) => Promise<readonly Figure[]>

const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  approvals: async () => (await import('./surfaces-approvals.ts')).approvals,
  load: async () => (await import('./surfaces-load.ts')).load,
  sockets: async () => (await import('./surfaces-sockets.ts')).sockets,
  limits: async () => (await import('./surfaces-limits.ts')).limits,
}
export const parts = Object.keys(PARTS)

export async function run(args: readonly string[]): Promise<number> {
  const wanted = args.filter((arg) => Object.hasOwn(PARTS, arg))
  const names = wanted.length === 0 ? parts : wanted
  let isFine = true
  for (const name of names) {
    const before = loadavg()[0] ?? 0
    const measure = await PARTS[name]?.()
    const figures = (await measure?.(args)) ?? []
    isFine &&= figures.length > 0 && figures.every((figure) => figure.isFine)
    const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${before.toFixed(1)}, Node ${process.version}`
    if (args.includes('--json'))
      process.stdout.write(`${JSON.stringify({ bench: `surfaces ${name}`, machine, figures })}\n`)
    else {
      process.stdout.write(`surfaces ${name} · ${machine}\n`)
      for (const figure of figures) process.stdout.write(`${lineOf(figure)}\n`)
    }
  }
  return isFine ? 0 : 1
}

function lineOf({ what, unit, bar, ours, ratio, runs, isFine }: Figure): string {
  const against = bar === '' ? '' : `bar ${bar}${ratio === undefined ? '' : ` · ratio ${ratio}`}`
  return `${isFine ? 'ok  ' : 'MISS'} ${what.padEnd(58)} ${`${ours} ${unit}`.padEnd(14)} ${against.padEnd(26)} n ${runs}`
}
