import { createInjectionDetector } from '@sallyport/core'
import type { ScanDeps } from '../../assurance/scan/skill/deps.ts'
import { createShellParser } from '../../control/content/command/parser.ts'
import { extractDocument } from '../../control/content/extract/extract.ts'
import { loadInjectionModel } from '../../control/content/injection-model.ts'

/** The detectors of the product, for a scan that runs with nothing else started. */
export async function scanDeps(): Promise<ScanDeps> {
  return {
    parse: await createShellParser({ now: processorTime }),
    injection: createInjectionDetector(loadInjectionModel()),
    extract: (bytes, mediaType) => extractDocument(bytes, mediaType),
  }
}

/** Milliseconds of processor time: the same file gets the same answer on a busy machine. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
