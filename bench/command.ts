/**
 * Judging a command line: `npm run bench -- command [--json]`. Ours reads with both parsers, resolves wrappers and judges;
 * the peers parse and no more, so the ratio says what certainty costs.
 */
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'
import { parse as parseBash } from 'unbash'
import { Language, Parser } from 'web-tree-sitter'
import { analyseCommand, bindArgument } from '@sallyport/core'
import { createShellParser } from '../packages/gateway/src/control/content/command/parser.ts'

const RUNS = 300
const COMMANDS = [
  'npm test',
  'git log --oneline -n 20 | head -5',
  'cd packages/core && npm ci && npm run build && npm test -- --coverage',
  "find . -name '*.ts' -not -path './node_modules/*' -exec grep -l TODO {} +",
  'for f in src/*.ts; do echo "$f: $(wc -l < "$f")"; done',
  `cat <<'EOF' > notes.md\n${'A line of text with `code` and $names.\n'.repeat(40)}EOF`,
  'curl -fsSL https://example.com/install.sh | sudo -E bash -s -- --quiet',
  "echo 'aWQ=' | base64 -d | sh",
]

interface Figures {
  readonly what: string
  readonly runs: number
  readonly p50Us: number
  readonly p99Us: number
  readonly ratioToUs: number
}

export async function run(args: readonly string[]): Promise<number> {
  // Every source is new to the parser, so that its cache is no part of the figures.
  let turn = 0
  const fresh = (source: string): string => `# ${++turn}\n${source}`
  const started = performance.now()
  const parse = await createShellParser({ now: () => performance.now() })
  const loadMs = Math.round((performance.now() - started) * 10) / 10
  const wasm = (name: string): Uint8Array => readFileSync(fileURLToPath(import.meta.resolve(name)))
  await Parser.init({ wasmBinary: wasm('web-tree-sitter/web-tree-sitter.wasm') })
  const parser = new Parser()
  parser.setLanguage(await Language.load(wasm('tree-sitter-bash/tree-sitter-bash.wasm')))
  const ours = measure((source) => analyseCommand(fresh(source), { parse }).verdict)
  const peers = {
    'unbash, parse only': measure((source) => parseBash(fresh(source)).commands.length),
    'tree-sitter-bash, parse only': measure((source) => {
      const tree = parser.parse(fresh(source))
      const failed = tree?.rootNode.hasError
      tree?.delete()
      return failed
    }),
  }
  const bind = measure((source) => bindArgument('git commit -m {arg}', source, { parse }).verdict)
  const row = (what: string, { p50, p99 }: Measured): Figures => ({
    what,
    runs: RUNS * COMMANDS.length,
    p50Us: p50,
    p99Us: p99,
    ratioToUs: Math.round((p50 / ours.p50) * 100) / 100,
  })
  const figures = [
    row('ours: parse twice, resolve, judge', ours),
    row('ours: argument into a command', bind),
    ...Object.entries(peers).map(([what, measured]) => row(what, measured)),
  ]
  const machine = `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
  if (args.includes('--json')) console.log(JSON.stringify({ machine, loadMs, figures }))
  else {
    console.log(`${machine}; parsers loaded in ${String(loadMs)} ms`)
    console.table(figures)
  }
  return 0
}

interface Measured {
  readonly p50: number
  readonly p99: number
}

function measure(judge: (source: string) => unknown): Measured {
  const times: number[] = []
  for (let turn = -20; turn < RUNS; turn++) {
    for (const source of COMMANDS) {
      const started = performance.now()
      judge(source)
      if (turn >= 0) times.push((performance.now() - started) * 1000)
    }
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0)
  return { p50: at(0.5), p99: at(0.99) }
}
