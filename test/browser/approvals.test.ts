import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import { approvalAnswers } from './examples.ts'
import { fakeGateway, ME, serveStatics, type Statics } from './fixtures.ts'
import { axe, fits, newContext, shot, startBrowser, watchFaults, type Look } from './kit.ts'

let browser: Browser
let statics: Statics

beforeAll(async () => {
  ;[browser, statics] = await Promise.all([startBrowser(), serveStatics()])
}, 60_000)
afterAll(async () => {
  await browser.close()
  await statics.close()
})

const LOOKS: readonly (readonly [string, Look])[] = [
  ['light', {}],
  ['dark', { dark: true }],
  ['rail', { width: 800 }],
  ['phone', { width: 360, height: 740 }],
]

async function open(look: Look, answers = approvalAnswers(), path = '/approvals/a-91c4') {
  const context = await newContext(browser, look)
  const faults = await watchFaults(context)
  const gateway = await fakeGateway(context, { '/api/v1/me': ME, ...answers })
  const page = await context.newPage()
  await page.goto(`${statics.url}${path}`)
  return { context, faults, gateway, page }
}

describe('approvals', () => {
  for (const [name, look] of LOOKS) {
    it(`SC2: a request with everything about it has no fault that axe knows, ${name}`, async () => {
      const { context, faults, page } = await open(look)
      await page.getByRole('button', { name: 'Deny' }).waitFor()
      await page.waitForTimeout(900)
      await shot(page, `approvals-${name}`)
      expect(await axe(page)).toEqual([])
      expect(faults).toEqual([])
      expect(await fits(page)).toBe(true)
      await context.close()
    })
  }
})
