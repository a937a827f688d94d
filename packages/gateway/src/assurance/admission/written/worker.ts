import { parentPort } from 'node:worker_threads'
import { toSallyportError } from '@sallyport/core'
import type { WrittenFinding, WrittenOrder } from '../../../boundary/ports-code.ts'
import { createShellParser } from '../../../control/content/command/parser.ts'
import { loadScanner } from '../../scan/code/load-scanner.ts'
import type { ScanDeps } from '../../scan/skill/deps.ts'
import { createScanDeps } from '../scan/deps.ts'
import { createWrittenScanner } from './scan-written.ts'

/** What was found, or why nothing was looked at. */
export type WrittenAnswer = { readonly found: readonly WrittenFinding[] } | { readonly problem: string }

const now = (): number => performance.now()
let loaded: Promise<ReturnType<typeof createWrittenScanner>> | undefined

/** Scans what agents write beside the thread of the gateway: whoever wrote it does not decide how long everybody else waits. */
parentPort?.on('message', (order: WrittenOrder) => {
  void answerTo(order).then((answer) => parentPort?.postMessage(answer))
})

async function answerTo(order: WrittenOrder): Promise<WrittenAnswer> {
  try {
    return { found: await (await (loaded ??= load()))(order) }
  } catch (thrown) {
    return { problem: toSallyportError(thrown).message }
  }
}

async function load(): Promise<ReturnType<typeof createWrittenScanner>> {
  // one after the other: their runtime is one
  const code = await loadScanner({ now })
  const parse = await createShellParser({ now })
  let skill: Promise<ScanDeps> | undefined
  return createWrittenScanner({
    code,
    parse,
    skill: () => (skill ??= createScanDeps(now)),
  })
}
