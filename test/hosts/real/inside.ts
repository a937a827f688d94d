import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { resultTexts, startModel, toolResults, type ModelRequest, type Step } from '../model.ts'
import type { Outcome, Scenario } from './agent.ts'

/** Runs inside the loopback-only namespace: scenarios in, outcomes out, one JSON per line. */
for await (const line of createInterface({ input: process.stdin })) {
  const outcome = await perform(JSON.parse(line) as Scenario)
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
}

async function perform(scenario: Scenario): Promise<Outcome> {
  const model = await startModel((request) => {
    // Side requests of the agent (titles, summaries) bring no tools and get plain words.
    const withTools = Array.isArray(request.body['tools']) && request.body['tools'].length > 0
    const step = withTools ? scenario.steps[toolResults(request)] : undefined
    return step === undefined ? { text: 'done' } : withSession(step, request)
  })
  const started = performance.now()
  const args = scenario.args.map((word) => word.replaceAll('{model}', model.url))
  const env = Object.fromEntries(
    Object.entries(scenario.env).map(([key, value]) => [key, value.replaceAll('{model}', model.url)]),
  )
  const child = spawn(scenario.program, args, {
    cwd: scenario.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const exit = await new Promise<number | null>((resolve) => {
    const timer = setTimeout(() => killGroup(child.pid), scenario.limitMs)
    child.on('exit', (code) => {
      clearTimeout(timer)
      killGroup(child.pid)
      resolve(code)
    })
  })
  model.close()
  return {
    exit,
    ms: Math.round(performance.now() - started),
    output: output.slice(-4000),
    results: resultTexts(model.seen),
  }
}

/** `"{session}"` in a step stands for the number of the shell session that an earlier result named. */
function withSession(step: Step, request: ModelRequest): Step {
  const session = /session ID (\d+)/.exec(resultTexts([request]).join('\n'))?.[1] ?? '0'
  return JSON.parse(JSON.stringify(step).replaceAll('"{session}"', session)) as Step
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}
