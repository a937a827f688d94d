import { parentPort, workerData } from 'node:worker_threads'
import { toSallyportError } from '@sallyport/core'
import type { BundleFile } from '../bundle.ts'
import type { Inspected } from '../admit.ts'
import { inspectSkill } from '../inspect.ts'
import type { ScanDeps } from '../../scan/skill/deps.ts'
import { lazyDetector } from '../../../control/content/detectors.ts'
import { openPackFiles } from '../../../control/content/rules/pack-files.ts'
import { packKeys } from '../../../control/content/rules/pack-keys.ts'
import { RulePacks } from '../../../control/content/rules/rule-packs.ts'
import { createScanDeps } from './deps.ts'

export interface SkillScanOrder {
  readonly name: string
  readonly files: readonly BundleFile[]
}
/** What was found, or why nothing was looked at. */
export type SkillScanAnswer = { readonly inspected: Inspected } | { readonly problem: string }

/** Where the installed packs of rules lie, and the keys that they are trusted with. */
export interface SkillScanRules {
  readonly directory: string
  readonly keys: readonly string[]
}

let loaded: Promise<ScanDeps> | undefined

/** Scans skills beside the thread of the gateway: whoever wrote one does not decide how long everybody else waits. */
parentPort?.on('message', (order: SkillScanOrder) => {
  void answerTo(order).then((answer) => parentPort?.postMessage(answer))
})

async function answerTo(order: SkillScanOrder): Promise<SkillScanAnswer> {
  try {
    return { inspected: await inspectSkill(order, await (loaded ??= load(workerData as SkillScanRules))) }
  } catch (thrown) {
    return { problem: toSallyportError(thrown).message }
  }
}

function load({ directory, keys }: SkillScanRules): Promise<ScanDeps> {
  const packs = new RulePacks({ files: openPackFiles(directory), keys: packKeys(keys) })
  return createScanDeps(
    () => performance.now(),
    lazyDetector(() => packs.current.flatMap(({ rules }) => rules)),
  )
}
