import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import { fakeGateway, ME, serveStatics, type Statics } from './fixtures.ts'
import { axe, fits, newContext, shot, startBrowser, watchFaults } from './kit.ts'

let browser: Browser
let statics: Statics

beforeAll(async () => {
  ;[browser, statics] = await Promise.all([startBrowser(), serveStatics()])
}, 60_000)
afterAll(async () => {
  await browser.close()
  await statics.close()
})

const LOOKS = [
  ['light', {}],
  ['dark', { dark: true }],
  ['phone', { width: 360, height: 740 }],
] as const

describe('shell of the console', () => {
  for (const [name, look] of LOOKS) {
    it(`SC2: has no fault that axe or the content policy knows, ${name}`, async () => {
      const context = await newContext(browser, look)
      const faults = await watchFaults(context)
      await fakeGateway(context, { '/api/v1/me': ME, '/api/v1/approvals': { items: [] } })
      const page = await context.newPage()
      await page.goto(`${statics.url}/settings`)
      await page.getByRole('main').getByText('Jonas Weber').waitFor()
      await shot(page, `settings-${name}`)
      expect(await axe(page)).toEqual([])
      expect(faults).toEqual([])
      expect(await fits(page)).toBe(true)
      await context.close()
    })
  }
})
