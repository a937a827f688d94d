import type { JsonObject, ToolAnnotation } from '@sallyport/core'
import { createScanDeps } from '../../packages/gateway/src/assurance/admission/scan/deps.ts'
import { isLookedAt } from '../../packages/gateway/src/assurance/admission/written/kinds.ts'
import { createWrittenScanner } from '../../packages/gateway/src/assurance/admission/written/scan-written.ts'
import { createReadSource } from '../../packages/gateway/src/assurance/scan/code/read/read-source.ts'
import { createCodeScanner } from '../../packages/gateway/src/assurance/scan/code/scan-code.ts'
import type { CodeVerdict, ScanWritten } from '../../packages/gateway/src/boundary/ports-code.ts'
import { registeredTool } from '../../packages/gateway/src/control/catalogue/registry.ts'
import { createCodeGate, type CodeGateDeps } from '../../packages/gateway/src/control/content/code/code-gate.ts'
import { createShellParser } from '../../packages/gateway/src/control/content/command/parser.ts'

const now = (): number => performance.now()

/** The scanner of the gateway's thread, in this one. */
export const openScanner = async (): Promise<ScanWritten> =>
  createWrittenScanner({
    code: createCodeScanner(await createReadSource({ now })),
    parse: await createShellParser({ now }),
    skill: () => createScanDeps(now),
  })

const WRITES: ToolAnnotation = {
  effect: 'write',
  groups: ['group:fs'],
  args: { path: 'selector', content: 'content' },
  irreversible: false,
  persist: false,
}

/** `held`, `refused`, `noted` or `clean`, and what was said. */
export interface Seen {
  readonly outcome: 'held' | 'refused' | 'noted' | 'clean'
  readonly rules: readonly string[]
  readonly reason: string
  readonly verdict: CodeVerdict
}

export function openGate(scanWritten: ScanWritten, extra: Partial<CodeGateDeps> = {}) {
  const gate = createCodeGate({ scanWritten, isLookedAt, now: () => Date.parse('2026-11-29'), ...extra })
  return async (
    name: string,
    args: JsonObject,
    of: { readonly cwd?: string; readonly groups?: readonly string[] } = {},
  ): Promise<Seen> => {
    const tool = registeredTool({
      server: 'box',
      definition: { name, inputSchema: { type: 'object' } },
      pin: 'pin',
      annotation: { ...WRITES, groups: of.groups ?? WRITES.groups },
      elevated: false,
    })
    const verdict = (await gate.look(tool, args, { cwd: of.cwd, agent: 'coder', enforcement: 'host' })) ?? {}
    const { hold, refusal, report } = verdict
    const outcome = refusal ? 'refused' : hold ? 'held' : (report?.findings.length ?? 0) > 0 ? 'noted' : 'clean'
    const rules = report?.findings.map(({ rule }) => rule) ?? []
    return { outcome, rules, reason: hold?.reason ?? refusal?.reason ?? '', verdict }
  }
}
