import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { evaluate, type PolicyBundle, type RegisteredTool } from '@sallyport/core'
import { readSheets, toAnnotation } from '../../packages/gateway/src/control/catalogue/annotations.ts'
import { registeredTool, ToolRegistry } from '../../packages/gateway/src/control/catalogue/registry.ts'
import { openCommandReader } from '../../packages/gateway/src/control/content/command/reader.ts'
import { bundleOf, PRESETS, request, tool } from '../policy/fixtures.ts'
import { EVASIONS } from './evasions.ts'
import { ORDINARY } from './ordinary.ts'

/** Runs on the host itself, after our answer. */
const sheets = readSheets(join(PRESETS, '..', 'rules', 'catalogue'))
const bash = sheets.find(({ match }) => match.host === 'claude-code')?.tools['Bash']
const onHost = registeredTool({
  server: 'claude-code',
  definition: { name: 'Bash', inputSchema: { type: 'object', properties: { command: { type: 'string' } } } },
  pin: '',
  annotation: bash === undefined ? undefined : toAnnotation(bash),
  elevated: false,
})
/** Runs behind the gateway. */
const behind = tool(
  'box.exec',
  { effect: 'external', groups: ['group:runtime'], args: { command: 'sink' } },
  { command: { type: 'string' } },
)

let registry: ToolRegistry
beforeAll(async () => {
  registry = new ToolRegistry(await openCommandReader(() => 0))
})

const RANK = { allow: 0, ask: 1, deny: 2 } as const
const bundleFor = async (preset: string): Promise<PolicyBundle> =>
  bundleOf(['base.cedar', `${preset}.cedar`].map((name) => readFileSync(join(PRESETS, name), 'utf8')).join('\n'), [
    onHost,
    behind,
  ])

function outcomeOf(bundle: PolicyBundle, of: RegisteredTool, command: string): 'allow' | 'ask' | 'deny' {
  const { facts, effect } = registry.describe(of, { command }, '/home/ana/work')
  const { groups } = of.annotation
  const about = { name: of.name, effect, groups, annotated: of.annotated }
  return evaluate(bundle, request(of.id, { args: { command }, facts, tool: about })).outcome
}

describe.each(['open', 'balanced', 'locked-down'])('command lines under %s', (preset) => {
  test('E-34: no command that hides or destroys something runs unasked, on the host as little as behind the gateway', async () => {
    const bundle = await bundleFor(preset)
    for (const command of EVASIONS)
      expect([command, outcomeOf(bundle, onHost, command)]).not.toEqual([command, 'allow'])
  })

  test('E-34: the host is never laxer', async () => {
    const bundle = await bundleFor(preset)
    const laxer = [...EVASIONS, ...ORDINARY].filter(
      (command) => RANK[outcomeOf(bundle, onHost, command)] < RANK[outcomeOf(bundle, behind, command)],
    )
    expect(laxer).toEqual([])
  })
})
