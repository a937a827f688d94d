import { readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { isLookedAt } from './assurance/admission/written/kinds.ts'
import { createWrittenThread } from './assurance/admission/written/thread.ts'
import { parseBaseline } from './assurance/scan/code/baseline.ts'
import type { CodePort } from './boundary/ports-code.ts'
import type { Clock } from './boundary/ports.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import { createCodeGate, type CodeBaseline } from './control/content/code/code-gate.ts'

/**
 * The gate on what agents write, with the scanner of skills behind it (HB-107).
 * @throws SallyportError SP_SCAN_BASELINE when a baseline of the configuration cannot be read
 */
export function composeCodeGate(
  loaded: LoadedConfig,
  clock: Clock,
  failed: (why: unknown) => void,
): { readonly code: CodePort; readonly close: () => void } {
  const { content, suppressions } = loaded.config
  const thread = createWrittenThread()
  const baselines = Object.entries(content.code).flatMap(([group, { baseline }]) =>
    baseline === undefined ? [] : [openBaseline(group, configPath(loaded, baseline))],
  )
  const code = createCodeGate({
    scanWritten: thread.scan,
    isLookedAt,
    table: content.code,
    ...{ baselines, suppressions },
    now: () => clock.now(),
    failed,
  })
  return { code, close: thread.close }
}

/** Entries that do not say why, accept nothing here. */
function openBaseline(group: string, file: string): CodeBaseline {
  try {
    const entries = parseBaseline(readFileSync(file, 'utf8')).findings
    const known = entries.flatMap(({ fingerprint, reason, by, expires }) =>
      reason === undefined || reason === ''
        ? []
        : [[fingerprint, { because: `${by ?? 'baseline'}: ${reason}`, until: expires }] as const],
    )
    return { root: dirname(realpathSync(file)), group, known: new Map(known) }
  } catch (thrown) {
    if (thrown instanceof SallyportError) throw thrown
    throw new SallyportError('SP_SCAN_BASELINE', `${file} cannot be read.`, { cause: thrown })
  }
}
