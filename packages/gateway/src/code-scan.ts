import { SallyportError } from '@sallyport/core'
import { languageNamed } from './assurance/scan/code/languages.ts'
import type { TextAnswer, TextOrder } from './code-scan-worker.ts'
import type { CodeScanPort } from './ingress/api/scan-routes.ts'
import { OrderThread } from './order-thread.ts'

/** Longest that one text is scanned, ms; after that it was not scanned. */
const LIMIT = 30_000
const IDLE = 60_000

/** The scanner of the API: a thread of its own, from the first text on (T-160). */
export function createCodeScanPort(limitMs = LIMIT): CodeScanPort {
  const thread = new OrderThread<TextOrder, TextAnswer>({
    name: 'code-scan-worker',
    options: { resourceLimits: { maxOldGenerationSizeMb: 1024 } },
    limitMs,
    idleMs: IDLE,
    failed: (how, cause) => new SallyportError('SP_SCAN_UNREADABLE', `Scanning the text ${how}.`, { cause }),
  })
  return {
    scan: async (text, name) => {
      const language = languageNamed(name)
      if (language === undefined) throw new SallyportError('SP_SCAN_LANGUAGE', `It says ${name}.`)
      const answer = await thread.run({ text, language })
      if ('report' in answer) return answer.report
      throw new SallyportError(answer.problem.code, answer.problem.detail)
    },
  }
}
