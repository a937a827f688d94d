import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { fakeGateway, serveStatics, type Answer, type FakeGateway, type Statics } from './fixtures.ts'
import { newContext, startBrowser, watchFaults, type Look } from './kit.ts'

export interface Opened {
  readonly context: BrowserContext
  readonly page: Page
  readonly gateway: FakeGateway
  /** What no page may have; [] is the aim. */
  readonly faults: readonly string[]
}

export interface Stage {
  readonly browser: Browser
  readonly url: string
  /** A page of a new context whose requests are answered by fixtures; at `path`, where one is given. */
  open(look: Look, answers: Readonly<Record<string, Answer>>, path?: string): Promise<Opened>
}

/** How a page is looked at: axe, the content policy and the width. */
export const LOOKS: readonly (readonly [name: string, look: Look])[] = [
  ['light', {}],
  ['dark', { dark: true }],
  ['phone', { width: 360, height: 740 }],
]

/** One Chromium and the built console for all tests of a file; ready before the first of them. */
export function builtConsole(): Stage {
  let browser: Browser | undefined
  let statics: Statics | undefined
  beforeAll(async () => {
    ;[browser, statics] = await Promise.all([startBrowser(), serveStatics()])
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await statics?.close()
  })
  const ready = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('The stage is not ready before the first test.')
    return part
  }
  return {
    get browser() {
      return ready(browser)
    },
    get url() {
      return ready(statics).url
    },
    async open(look, answers, path) {
      const context = await newContext(this.browser, look)
      const faults = await watchFaults(context)
      const gateway = await fakeGateway(context, answers)
      const page = await context.newPage()
      if (path !== undefined) await page.goto(this.url + path)
      return { context, page, gateway, faults }
    },
  }
}
