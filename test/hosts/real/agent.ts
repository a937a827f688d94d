import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Step } from '../model.ts'

/** One run of a real agent against the scripted model. */
export interface Scenario {
  readonly program: string
  readonly kind: 'claude-code' | 'codex'
  /** Home directory of the run: configuration of the agent lies below it. */
  readonly home: string
  readonly cwd: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What the model says after 0, 1, 2 … tool results; then it says `done`. */
  readonly steps: readonly Step[]
  readonly limitMs: number
}

export interface Outcome {
  readonly exit: number | null
  readonly ms: number
  readonly output: string
  /** Texts that the agent gave the model as tool results. */
  readonly results: readonly string[]
}

export interface Runner {
  run(scenario: Scenario): Promise<Outcome>
  close(): void
}

/** One process inside the namespace that runs scenarios one after another. */
export function startRunner(namespace: readonly string[]): Runner {
  const script = fileURLToPath(new URL('inside.ts', import.meta.url))
  const [program, ...args] = [...namespace, process.execPath, '--import', 'tsx', script]
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: ((line: string) => void)[] = []
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes')
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line))
  const { stdin } = child
  return {
    run: (scenario) =>
      new Promise((resolve) => {
        waiting.push((line) => resolve(JSON.parse(line) as Outcome))
        stdin.write(`${JSON.stringify(scenario)}\n`)
      }),
    close: () => stdin.end(),
  }
}
