import { toProblem, toSallyportError } from '@sallyport/core'
import type { BrowserContext } from 'playwright-core'
import type { startLog } from '../log/gateway.ts'

/** Answers what a page asks of the log with the real routes over a real store; the rest stays with the context's other routes. */
export async function serveLog(context: BrowserContext, log: Awaited<ReturnType<typeof startLog>>): Promise<void> {
  await context.route(/\/api\/v1\/(?:log|sessions|activity)/, async (route) => {
    const { pathname, search } = new URL(route.request().url())
    try {
      const answer = await log.call(pathname + search, new AbortController().signal)
      let text = ''
      for await (const chunk of answer.stream ?? []) text += chunk
      const headers = { 'content-type': 'application/json', ...answer.headers }
      await route.fulfill({
        status: answer.status,
        headers,
        body: answer.body === undefined ? text : JSON.stringify(answer.body),
      })
    } catch (thrown) {
      const problem = toProblem(toSallyportError(thrown))
      await route.fulfill({ status: problem.status, json: problem })
    }
  })
}
