import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { annotated, toolManifest } from '../../packages/gateway/src/assurance/attack/annotate.ts'
import { createStage, type StageSession } from '../../packages/gateway/src/assurance/attack/stage.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { bundleOf, PRESETS } from '../policy/fixtures.ts'

/** A tool manifest as replay folders have it; its roles name its arguments. */
type DeskTool = { readonly name: string; readonly arg_roles: object; readonly [member: string]: unknown }

/** A server with these tools, annotated as a deployer would, under `balanced` at trust level 2. */
export async function openDesk(manifests: readonly DeskTool[]): Promise<(id: string) => Promise<StageSession>> {
  const tools = manifests.map((each) =>
    annotated(toolManifest.parse({ ...each, input_schema: { properties: each.arg_roles } }), 'desk'),
  )
  const policies = ['base.cedar', 'balanced.cedar'].map((name) => readFileSync(join(PRESETS, name), 'utf8')).join('\n')
  const stage = await createStage({
    suite: { name: 'desk', tools, known: [], scenarios: [] },
    bundle: await bundleOf(policies, tools),
    clock: systemClock,
    random: systemRandom,
    trustLevel: 2,
  })
  return (id) => stage.session(id)
}

/** Whether a call went through. */
export const ran = async (
  session: StageSession,
  tool: string,
  args: Record<string, string | string[]>,
  output = 'ok',
): Promise<boolean> => (await session.play({ tool, args, output }, false)).ran
