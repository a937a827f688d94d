import { toProblem, toSallyportError } from '@sallyport/core'
import type { BrowserContext } from 'playwright-core'
import type { startLog } from '../log/gateway.ts'
import { QUIET } from './fixtures.ts'
import type { Look } from './kit.ts'
import type { Opened, Stage } from './stage.ts'

type RealLog = Awaited<ReturnType<typeof startLog>>

/** A page of a console whose log is real and where nothing waits. */
export async function openWithLog(stage: Stage, log: RealLog, look: Look = {}): Promise<Opened> {
  const opened = await stage.open(look, QUIET)
  await serveLog(opened.context, log)
  return opened
}

/** Answers what a page asks of the log with the real routes over a real store; the rest stays with the context's other routes. */
async function serveLog(context: BrowserContext, log: RealLog): Promise<void> {
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
