import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url))
const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url))

/** A run of the official suite: which of the two published lines, and what of it. */
export interface SuiteRun {
  readonly name: string
  readonly suite: 'mcp-conformance-legacy' | 'mcp-conformance-modern'
  readonly args: readonly string[]
  /** Whether the operator permits this server to ask the client for anything; the default is that he does not. */
  readonly permitted: boolean
}

const LEGACY = { suite: 'mcp-conformance-legacy', args: ['--suite', 'all'] } as const
const MODERN = { suite: 'mcp-conformance-modern', args: ['--requirements', '2026-07-28'] } as const

export const RUNS: readonly SuiteRun[] = [
  { name: 'suite 0.1.16', ...LEGACY, permitted: true },
  { name: 'suite 0.1.16, default settings', ...LEGACY, permitted: false },
  { name: '2025-11-25', suite: 'mcp-conformance-modern', args: ['--requirements', '2025-11-25'], permitted: true },
  { name: '2026-07-28', ...MODERN, permitted: true },
  { name: '2026-07-28, default settings', ...MODERN, permitted: false },
]

/** Passed and failed checks of each scenario. */
export type Scores = Readonly<Record<string, string>>

/** Runs the suite against a server. @throws Error when it printed no summary: a suite that did not run proves nothing. */
export async function runSuite({ suite, args }: SuiteRun, url: string): Promise<Scores> {
  const program = `${MODULES}${suite}/dist/index.js`
  const child = spawn(
    process.execPath,
    ['--import', `${FIXTURES}node20.mjs`, program, 'server', '--url', url, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], NO_COLOR: '1' },
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  await new Promise((resolve) => child.once('close', resolve))
  const summary = output.slice(output.lastIndexOf('=== SUMMARY ==='))
  const scores = [...summary.matchAll(/^[✓✗~] ([\w/-]+): (\d+) passed, (\d+) failed/gm)]
  if (scores.length === 0) throw new Error(`The suite did not run:\n${output.slice(-2_000)}`)
  return Object.fromEntries(
    scores.map(([, name, passed, failed]) => [name, `${passed}/${Number(passed) + Number(failed)}`]),
  )
}

/** Starts the fixture server and gives its URL. */
export async function startFixture(): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const child = spawn(process.execPath, [`${FIXTURES}server.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(String(chunk).trim()))
    child.once('exit', () => reject(new Error('The fixture server did not start.')))
  })
  return { url, process: child }
}
