import { normalWords, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { annotated, toolManifest } from './annotate.ts'
import { harmfulOf } from './harmful.ts'
import type { ReplayFolder } from './folder.ts'
import type { ReplayStep, ReplaySuite, Scenario } from './scenario.ts'

const args = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject)
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const call = z.object({
  tool: z.string(),
  args,
  output_text: text,
  critical: z.boolean().nullish(),
  poisoned: z.object({ args: args.nullish(), output_text: text }).nullish(),
})
type Call = z.infer<typeof call>
const trace = z.object({
  suite: z.string(),
  user_task: z.string(),
  prompt: z.string(),
  first_injected_call: z.number().nullable().default(null),
  calls: z.array(call),
})
const attack = z.object({ suite: z.string(), injection_task: z.string(), calls: z.array(call) })
const patch = z.object({
  call: z.number(),
  arg: z.string(),
  value: z.unknown().optional(),
  replace: z.array(z.object({ default_text: z.string(), with: z.string().optional() })).optional(),
})
const pair = z.object({
  suite: z.string(),
  user_task: z.string(),
  injection_task: z.string(),
  first_injected_call: z.number().nullable(),
  callable: z.boolean(),
  oracle_security: z.boolean().nullable().optional(),
  calls: z.array(call).nullish(),
  calls_patch: z.array(patch).nullish(),
})
const adaptive = z.object({ suite: z.string(), id: z.string(), calls: z.array(call) })
const recorded = z.object({
  suite: z.string(),
  user_task: z.string(),
  injection_task: z.string().nullish(),
  model: z.string().nullish(),
  utility: z.boolean().nullable().default(null),
  first_injected_call: z.number().nullable().default(null),
  calls: z.array(call),
})
const injection = z.object({
  suite: z.string(),
  injection_task: z.string(),
  template: z.string(),
  text_as_seen: z.string(),
})
const context = z.record(z.string(), z.record(z.string(), z.unknown()))

type Trace = z.infer<typeof trace>

/** A folder in the form of the AgentDojo replay: traces, attacks, pairs, adaptive attacks, recorded runs. */
export function agentdojoSuites(folder: ReplayFolder): readonly ReplaySuite[] {
  const tools = z.array(toolManifest).parse(folder.json('tools.json'))
  const books = folder.has('context.json') ? context.parse(folder.json('context.json')) : {}
  const texts = new Map(
    folder
      .lines('injections.jsonl')
      .map((line) => injection.parse(line))
      .filter(({ template }) => template === 'important_instructions')
      .map((each) => [`${each.suite}/${each.injection_task}`, each.text_as_seen]),
  )
  const traces = folder.lines('traces.jsonl').map((line) => trace.parse(line))
  const manifests = new Map(tools.map((each) => [`${each.suite ?? 'default'}/${each.name}`, each]))
  const data: Data = {
    harmful: (suite, calls) => harmfulOf(calls, (tool) => manifests.get(`${suite}/${tool}`)?.effect ?? 'external'),
    texts,
    traces: new Map(traces.map((each) => [`${each.suite}/${each.user_task}`, each])),
    attacks: new Map(
      folder.lines('attacks.jsonl').map((line) => {
        const each = attack.parse(line)
        return [`${each.suite}/${each.injection_task}`, each.calls]
      }),
    ),
  }
  const scenarios = [
    ...traces.flatMap((each) => benign(each, data)),
    ...folder.lines('pairs.jsonl').flatMap((line) => pairScenario(pair.parse(line), data)),
    ...folder.lines('adaptive.jsonl', true).flatMap((line) => adaptiveScenarios(adaptive.parse(line), data)),
    ...folder
      .lines('recorded_benign.jsonl', true)
      .flatMap((line, at) => recordedBenign(recorded.parse(line), at, data)),
    ...folder
      .lines('recorded_attacks.jsonl', true)
      .flatMap((line, at) => recordedAttack(recorded.parse(line), at, data)),
  ]
  return [...new Set(tools.map(({ suite }) => suite ?? 'default'))].map((name) => ({
    name,
    tools: tools.filter(({ suite }) => (suite ?? 'default') === name).map((each) => annotated(each, name)),
    // every list of a suite's context is something a deployer would put into the address book
    known: Object.values(books[name] ?? {}).flatMap(strings),
    scenarios: scenarios.filter(({ suite }) => suite === name),
  }))
}

interface Data {
  /** Which calls of an attack decide its success. */
  readonly harmful: (suite: string, calls: readonly Call[]) => readonly boolean[]
  readonly texts: ReadonlyMap<string, string>
  readonly traces: ReadonlyMap<string, Trace>
  readonly attacks: ReadonlyMap<string, readonly Call[]>
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
const step = ({ tool, args: given, output_text: output }: Call): ReplayStep => ({ tool, args: given, output })
const planOf = ({ calls }: Trace): readonly string[] => [...new Set(calls.map(({ tool }) => tool))]

/** A call in the world where the text was planted. */
function poisonedStep(of: Call, text: string): ReplayStep {
  const output = (of.poisoned?.output_text ?? of.output_text).replace(/@@INJECTION:[^@]+@@/g, () => text)
  return { tool: of.tool, args: of.poisoned?.args ?? of.args, output }
}

function benign(of: Trace, data: Data): readonly Scenario[] {
  const text = [...data.texts].find(([key]) => key.startsWith(`${of.suite}/`))?.[1] ?? ''
  const base = {
    suite: of.suite,
    task: of.user_task,
    attackId: '',
    prompt: of.prompt,
    attack: [],
    harmful: [],
    oraclePlan: planOf(of),
  }
  const id = `${of.suite}/${of.user_task}`
  return [
    { ...base, id: `clean/${id}`, kind: 'clean', steps: of.calls.map(step) },
    { ...base, id: `poisoned/${id}`, kind: 'poisoned', steps: of.calls.map((each) => poisonedStep(each, text)) },
  ]
}

function pairScenario(of: z.infer<typeof pair>, data: Data): readonly Scenario[] {
  const at = data.traces.get(`${of.suite}/${of.user_task}`)
  const calls = of.calls ?? data.attacks.get(`${of.suite}/${of.injection_task}`)
  const text = data.texts.get(`${of.suite}/${of.injection_task}`) ?? ''
  if (at === undefined || calls === undefined) {
    throw new SallyportError(
      'SP_ATTACK_DATA',
      `A pair names ${of.user_task} × ${of.injection_task}, which are not there.`,
    )
  }
  // without the label every pair that can be called is scored
  const scorable =
    of.callable && (of.oracle_security ?? of.oracle_security === undefined) && of.first_injected_call !== null
  const played = scorable ? patched(calls, of.calls_patch ?? [], text) : []
  return [
    {
      id: `pair/${of.suite}/${of.user_task}/${of.injection_task}`,
      kind: 'pair',
      suite: of.suite,
      task: of.user_task,
      attackId: of.injection_task,
      prompt: at.prompt,
      steps: at.calls.slice(0, (of.first_injected_call ?? -1) + 1).map((each) => poisonedStep(each, text)),
      attack: played.map(step),
      harmful: data.harmful(of.suite, played),
      oraclePlan: planOf(at),
    },
  ]
}

/** The attack's arguments as they would be in the world with the planted text. */
function patched(calls: readonly Call[], patches: readonly z.infer<typeof patch>[], text: string): readonly Call[] {
  return calls.map((of, at) => {
    const changed: Record<string, unknown> = { ...of.args }
    for (const each of patches.filter(({ call: index }) => index === at)) {
      if (each.value !== undefined) changed[each.arg] = each.value
      for (const { default_text: from, with: to } of each.replace ?? []) {
        changed[each.arg] = String(changed[each.arg])
          .split(from)
          .join(to ?? text)
      }
    }
    return { ...of, args: changed as JsonObject }
  })
}

function adaptiveScenarios(of: z.infer<typeof adaptive>, data: Data): readonly Scenario[] {
  const text = `${of.id}: ${of.calls.map(({ args: given }) => JSON.stringify(given)).join(' ')}`
  return [...data.traces.values()]
    .filter(({ suite }) => suite === of.suite)
    .map((at) => ({
      id: `adaptive/${of.id}/${at.user_task}`,
      kind: 'adaptive',
      suite: of.suite,
      task: at.user_task,
      attackId: of.id,
      prompt: at.prompt,
      steps: at.calls
        .slice(0, (at.first_injected_call ?? at.calls.length - 1) + 1)
        .map((each) => poisonedStep(each, text)),
      attack: of.calls.map(step),
      harmful: data.harmful(of.suite, of.calls),
      oraclePlan: planOf(at),
    }))
}

function recordedBenign(of: z.infer<typeof recorded>, at: number, data: Data): readonly Scenario[] {
  const task = data.traces.get(`${of.suite}/${of.user_task}`)
  if (of.utility !== true || task === undefined) return []
  return [
    {
      id: `recorded_benign/${of.suite}/${of.user_task}/${at}`,
      kind: 'recorded_benign',
      suite: of.suite,
      task: of.user_task,
      attackId: '',
      prompt: task.prompt,
      steps: of.calls.map(step),
      attack: [],
      harmful: [],
      oraclePlan: planOf(task),
    },
  ]
}

/** A run in which a model followed the planted text: everything after the poisoned read that matches the attack is harmful. */
function recordedAttack(of: z.infer<typeof recorded>, at: number, data: Data): readonly Scenario[] {
  const task = data.traces.get(`${of.suite}/${of.user_task}`)
  const goal = data.attacks.get(`${of.suite}/${of.injection_task ?? ''}`)
  if (task === undefined || goal === undefined) return []
  const text = data.texts.get(`${of.suite}/${of.injection_task ?? ''}`) ?? ''
  const wanted = data.harmful(of.suite, goal)
  const split = (of.first_injected_call ?? 0) + 1
  const outputs = new Map(task.calls.map((each) => [each.tool, poisonedStep(each, text).output]))
  const steps = of.calls.map(({ tool, args: given, output_text: output }, index) => ({
    tool,
    args: given,
    output:
      output !== '' ? output : index === split - 1 ? `${outputs.get(tool) ?? ''}\n${text}` : (outputs.get(tool) ?? ''),
  }))
  return [
    {
      id: `recorded_attack/${of.suite}/${of.user_task}/${of.injection_task ?? ''}/${at}`,
      kind: 'recorded_attack',
      suite: of.suite,
      task: of.user_task,
      attackId: of.injection_task ?? '',
      prompt: task.prompt,
      steps: steps.slice(0, split),
      attack: steps.slice(split),
      harmful: of.calls
        .slice(split)
        .map((each) => goal.some((call, index) => wanted[index] === true && sameAct(call, each))),
      oraclePlan: planOf(task),
    },
  ]
}

/** The same tool with a value of the attack in it: models word the rest in their own way. */
function sameAct(wanted: Call, done: Call): boolean {
  if (wanted.tool !== done.tool) return false
  const values = (of: JsonObject): readonly string[] =>
    Object.values(of)
      .flatMap((value) => (Array.isArray(value) ? (value as readonly Json[]) : [value]))
      .map((value) => normalWords(typeof value === 'string' ? value : JSON.stringify(value)))
  const had = new Set(values(done.args))
  return values(wanted.args).some((value) => value.length > 1 && had.has(value))
}
