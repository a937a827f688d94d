import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { controlStage, TEAM, type ControlStage } from './control-stage.ts'
import { axe, fits, shot, startBrowser } from './kit.ts'

let browser: Browser
let stage: ControlStage
let page: Page
let context: BrowserContext
let faults: readonly string[]

beforeAll(async () => {
  ;[browser, stage] = await Promise.all([startBrowser(), controlStage()])
  ;({ context, page, faults } = await stage.signedIn(browser))
}, 120_000)
afterAll(async () => {
  await context.close()
  await browser.close()
  await stage.close()
})

const open = (path: string): Promise<unknown> => page.goto(stage.url + path)

/** Puts a text into the editor as typing would: the whole of it replaced. */
async function type(text: string): Promise<void> {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

describe('policies', () => {
  it('ND-5.5.a SC2: a red test blocks publishing, and the editor says which line made it red', async () => {
    await open('/policies/live/team.cedar')
    await page.getByRole('button', { name: 'Edit as draft' }).click()
    await page.getByText('Nothing is changed.').waitFor()
    await type(TEAM.replace('1.0', '1.1').replace('resource);', 'resource)\nwhen { context.labels.tainted };'))
    await page.getByText('Publishing is blocked by 1 red test.').waitFor()
    expect(await page.getByRole('button', { name: 'Publish…' }).isDisabled()).toBe(true)
    await page.getByText('1 test is red because of line').first().waitFor()
    await page.getByRole('heading', { name: 'Nobody deletes mail' }).waitFor()
    await shot(page, 'policies-red-light')
    expect(await axe(page)).toEqual([])
    expect(faults).toEqual([])
  })
})
