/**
 * Information flow on its own: what it costs to take in a result, to assess a call, and to remember a session; clean, tainted and
 * full. `npm run bench -- flow [--json]`
 */
import { cpus } from 'node:os'
import { FlowMemory, type ArgRole, type Label, type RegisteredTool } from '@sallyport/core'

const RUNS = 7
const TARGET_INDEX = 25
const TARGET_CALL = 10
const TARGET_CHARACTER = 15

const CLEAN: Label = { integrity: 3, confidentiality: 0, sources: [] }
const TAINTED: Label = { integrity: 1, confidentiality: 2, sources: ['mail'] }
const MAIL = { name: 'mail.read', integrity: 1, confidentiality: 2 } as const
const DOCS = { name: 'docs.read', integrity: 2, confidentiality: 0 } as const

/** Text like that of mails and files: words of a small language with names, numbers and addresses, by a fixed sequence. */
function prose(length: number, seed: number): string {
  let state = seed
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const syllables = 'ba con der el fi gra ho in ju ka lo men ne or pre qui ra sta ti un ver wo xy za'.split(' ')
  let text = ''
  while (text.length < length) {
    const word = Array.from({ length: 1 + next(4) }, () => syllables[next(syllables.length)]).join('')
    const kind = next(30)
    text +=
      kind === 0 ? `${word}@${word}.com ` : kind === 1 ? `${next(100_000)} ` : kind === 2 ? `${word}. ` : `${word} `
  }
  return text.slice(0, length)
}

const tool: RegisteredTool = {
  id: 'mail.send',
  server: 'mail',
  name: 'send',
  definition: { name: 'send', inputSchema: { type: 'object' } },
  pin: 'pin',
  annotated: true,
  elevated: false,
  annotation: { effect: 'external', groups: [], args: {}, irreversible: false, persist: false },
}
const leaf = (path: string, role: ArgRole, value: string) => ({ path, key: path, role, value })
const PROMPT =
  'Send the summary of the project to bob.smith@corp.com with the subject "Project Orion", and pay 1,200 EUR to GB29 NWBK 6016 1331 9268 19.'
const BODY = prose(300_000, 3)
const nobody = (): boolean => false

function session(kind: 'clean' | 'tainted' | 'full'): FlowMemory {
  const memory = new FlowMemory()
  memory.hear(PROMPT, 'typed')
  if (kind === 'clean') memory.read(prose(20_000, 5), DOCS)
  if (kind === 'tainted') {
    memory.read(prose(100_000, 5), DOCS)
    memory.read(prose(100_000, 7), MAIL)
  }
  if (kind === 'full') for (let at = 0; !memory.trail.full && at < 100; at++) memory.read(prose(100_000, 11 + at), MAIL)
  return memory
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** Median over the runs of the CPU nanoseconds (collector included) that one `work` takes. */
function nanoseconds(count: number, work: () => unknown): number {
  const once = (): number => {
    const start = process.cpuUsage()
    for (let index = 0; index < count; index++) work()
    const { user, system } = process.cpuUsage(start)
    return ((user + system) * 1e3) / count
  }
  once()
  return median(Array.from({ length: RUNS }, once))
}

/** Prints every figure with its target and the machine; 1 when one is missed. */
export async function run(args: readonly string[] = []): Promise<number> {
  const text = prose(200_000, 9)
  const index = nanoseconds(3, () => new FlowMemory().read(text, MAIL)) / text.length
  const again = new FlowMemory()
  const reread = nanoseconds(3, () => again.read(text, MAIL)) / text.length
  const states = (['clean', 'tainted', 'full'] as const).map((kind) => {
    const memory = session(kind)
    const label = kind === 'clean' ? CLEAN : TAINTED
    const assess = (length: number) => {
      const leaves = [
        leaf('to', 'sink', 'bob.smith@corp.com'),
        leaf('subject', 'content', 'Project Orion'),
        leaf('id', 'selector', 'INV-2024-0017'),
        leaf('body', 'content', BODY.slice(0, length)),
      ]
      return () => memory.assess(tool, leaves, 'external', label, nobody)
    }
    const call = nanoseconds(2_000, assess(450))
    const long = nanoseconds(10, assess(100_450))
    return {
      kind,
      call: call / 1000,
      character: (long - call) / 100_000,
      bytes: memory.trail.bytes,
      pieces: memory.trail.size,
    }
  })
  const machine = `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, Node ${process.version}`
  const isMissed =
    index > TARGET_INDEX || states.some(({ call, character }) => call > TARGET_CALL || character > TARGET_CHARACTER)
  if (args.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ index, reread, states, runs: RUNS, machine })}\n`)
    return isMissed ? 1 : 0
  }
  const lines = [
    `flow: CPU time, medians of ${RUNS} runs on ${machine}`,
    `  index      ${index.toFixed(1)} ns a character read (target ≤ ${TARGET_INDEX}); read again ${reread.toFixed(1)}`,
    ...states.map(
      ({ kind, call, character, bytes, pieces }) =>
        `  ${kind.padEnd(9)}  call of 512 characters ${call.toFixed(2)} µs (≤ ${TARGET_CALL}) · further character ` +
        `${character.toFixed(1)} ns (≤ ${TARGET_CHARACTER}) · ${(bytes / 1024).toFixed(0)} KiB for ${pieces} pieces`,
    ),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return isMissed ? 1 : 0
}
