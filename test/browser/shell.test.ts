import { describe, expect, it } from 'vitest'
import { ME } from './fixtures.ts'
import { axe, fits, shot } from './kit.ts'
import { builtConsole, LOOKS } from './stage.ts'

const stage = builtConsole()

describe('shell of the console', () => {
  for (const [name, look] of LOOKS) {
    it(`SC2: has no fault that axe or the content policy knows, ${name}`, async () => {
      const { context, page, faults } = await stage.open(look, {
        '/api/v1/me': ME,
        '/api/v1/approvals': { items: [] },
        '/api/v1/tools/servers': {
          servers: [
            { held: 2, kept: 0 },
            { held: 1, kept: 1 },
            { held: 0, kept: 0 },
          ],
        },
        '/api/v1/egress/blocked': { hosts: [{ mayDraft: true }, { mayDraft: true }, { mayDraft: false }] },
        '/api/v1/alerts': { items: [], total: 120 },
      })
      await page.goto(`${stage.url}/settings`)
      await page.getByRole('main').getByText('Jonas Weber').waitFor()
      if (name !== 'phone') {
        // held servers that nobody looked at, hosts in no rule, open alerts
        for (const link of ['Tools & servers1', 'Egress2', 'Alerts99+']) {
          await page.locator('aside nav a', { hasText: link }).waitFor()
        }
      }
      await shot(page, `settings-${name}`)
      expect(await axe(page)).toEqual([])
      expect(faults).toEqual([])
      expect(await fits(page)).toBe(true)
      await context.close()
    })
  }

  it('SC2: the look at faults sees those that are there, in both themes', async () => {
    const fault = `const pale = document.createElement('p')
      pale.textContent = 'pale'
      Object.assign(pale.style, { color: '#ccc', background: '#fff' })
      document.querySelector('main').append(pale, document.createElement('img'))`
    for (const dark of [false, true]) {
      const { context, page } = await stage.open({ dark }, { '/api/v1/me': ME }, '/settings')
      await page.getByRole('main').getByText('Jonas Weber').waitFor()
      await page.evaluate(`{${fault}}`)
      const seen = (await axe(page)).map((line) => line.slice(0, line.indexOf(':')))
      expect(seen).toEqual(dark ? ['color-contrast'] : ['color-contrast', 'image-alt'])
      await context.close()
    }
  })

  it('SC5: what happens between the first answer and the first news is shown, and no flood of news keeps an answer away', async () => {
    const list = { items: [] as object[], counts: {}, forMe: 0 }
    let [asked, slow] = [0, 0]
    const { context, page, gateway } = await stage.open(
      {},
      {
        '/api/v1/me': ME,
        '/api/v1/approvals': () => ({ status: 200, body: { ...list, total: ++asked } }),
        '/api/v1/tools/servers': { servers: [] },
        '/api/v1/egress/blocked': { hosts: [] },
        '/api/v1/alerts': { items: [], total: 0 },
      },
    )
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    await context.route('**/api/v1/live/ticket', async (route) => {
      await opened
      await route.fulfill({ json: { ticket: 'ticket' } })
    })
    await page.goto(`${stage.url}/settings`)
    await page.getByRole('main').getByText('Jonas Weber').waitFor()
    await expect.poll(() => asked).toBe(1)
    // nobody is told of this one: the page does not listen yet
    gateway.publish('approvals', 'a-1')
    open()
    await expect.poll(() => asked).toBe(2)
    // each answer takes longer than the next event
    await context.route('**/api/v1/alerts?*', async (route) => {
      slow++
      await new Promise((resolve) => setTimeout(resolve, 300))
      await route.fulfill({ json: { items: [], total: slow } })
    })
    const flood = setInterval(() => gateway.publish('alerts', 'al-1'), 50)
    await page.locator('aside nav a', { hasText: /Alerts[2-9]/ }).waitFor()
    clearInterval(flood)
    const at = asked
    gateway.publish('activity', 'x')
    await page.waitForTimeout(200)
    expect(asked).toBe(at)
    await context.close()
  })
})
