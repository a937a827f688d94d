import type { JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { annotated, toolManifest } from './annotate.ts'
import { harmfulOf } from './harmful.ts'
import type { ReplayFolder } from './folder.ts'
import type { ReplaySuite, Scenario } from './scenario.ts'

const args = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject)
const userCase = z.object({
  id: z.string(),
  prompt: z.string(),
  calls: z.array(z.object({ tool: z.string(), args, output_template: z.string() })),
})
const attackCase = z.object({
  id: z.string(),
  instruction: z.string(),
  calls: z.array(
    z.object({ tool: z.string(), args, output_text: z.string().default(''), critical: z.boolean().nullish() }),
  ),
})

/** A folder in the form of the InjecAgent replay: user cases × attacker cases, one read before each attack. */
export function injecagentSuites(folder: ReplayFolder): readonly ReplaySuite[] {
  const tools = z.array(toolManifest).parse(folder.json('tools.json'))
  const templates = z.record(z.string(), z.string()).parse(folder.json('templates.json'))
  const users = folder.lines('user_cases.jsonl').map((line) => userCase.parse(line))
  const attacks = folder.lines('attacks.jsonl').map((line) => attackCase.parse(line))
  const effects = new Map(tools.map(({ name, effect }) => [name, effect]))
  const template = templates['enhanced'] ?? templates['base'] ?? '{instruction}'
  const clean = users.map((user): Scenario => ({
    ...base(user),
    id: `clean/${user.id}`,
    kind: 'clean',
    steps: steps(user, ''),
  }))
  const pairs = users.flatMap((user) =>
    attacks.map((attack): Scenario => {
      const text = template.replace('{instruction}', () => attack.instruction)
      return {
        ...base(user),
        id: `pair/${user.id}/${attack.id}`,
        kind: 'pair',
        attackId: attack.id,
        steps: steps(user, text),
        attack: attack.calls.map(({ tool, args: given, output_text: output }) => ({
          tool,
          args: filled(given, attack.calls[0]?.output_text ?? ''),
          output,
        })),
        harmful: harmfulOf(attack.calls, (tool) => effects.get(tool) ?? 'external'),
      }
    }),
  )
  return [
    {
      name: 'injecagent',
      tools: tools.map((each) => annotated(each, 'injecagent')),
      known: [],
      scenarios: [...clean, ...pairs],
    },
  ]
}

const base = ({ id, prompt, calls }: z.infer<typeof userCase>) => ({
  suite: 'injecagent',
  task: id,
  attackId: '',
  prompt,
  attack: [],
  harmful: [],
  oraclePlan: calls.map(({ tool }) => tool),
})

const steps = ({ calls }: z.infer<typeof userCase>, text: string) =>
  calls.map(({ tool, args: given, output_template: output }) => ({
    tool,
    args: given,
    output: output.replaceAll('@@INJECTION@@', () => text),
  }))

/** `@@OUTPUT:0@@` stands for what the attack's first call returned. */
const filled = (given: JsonObject, output: string): JsonObject =>
  JSON.parse(JSON.stringify(given), (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('@@OUTPUT:0@@', () => output) : value,
  ) as JsonObject
