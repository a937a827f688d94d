import { parentPort } from 'node:worker_threads'
import { toSallyportError, type ErrorCode } from '@sallyport/core'
import type { CodeFinding } from './assurance/scan/code/finding.ts'
import { loadScanner } from './assurance/scan/code/load-scanner.ts'
import type { ScanCode } from './assurance/scan/code/scan-code.ts'
import type { Language } from './assurance/scan/code/syntax.ts'

export interface TextOrder {
  readonly text: string
  readonly language: Language
}
/** What was found, or why nothing was looked at. */
export type TextAnswer =
  | { readonly report: { readonly findings: readonly CodeFinding[]; readonly complete: boolean } }
  | { readonly problem: { readonly code: ErrorCode; readonly detail: string } }

let loaded: Promise<ScanCode> | undefined

/** Scans texts beside the thread of the gateway: whoever sent one does not decide how long everybody else waits. */
parentPort?.on('message', (order: TextOrder) => {
  void answerTo(order).then((answer) => parentPort?.postMessage(answer))
})

async function answerTo({ text, language }: TextOrder): Promise<TextAnswer> {
  try {
    return { report: (await (loaded ??= loadScanner({ now: () => performance.now() })))(text, language) }
  } catch (thrown) {
    const { code, detail } = toSallyportError(thrown)
    return { problem: { code, detail } }
  }
}
