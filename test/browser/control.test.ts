import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { controlStage, TEAM, TEAM_TESTS, type ControlStage } from './control-stage.ts'
import { axe, fits, shot, startBrowser } from './kit.ts'

let browser: Browser
let stage: ControlStage
let page: Page
let context: BrowserContext
let faults: readonly string[]

const SLOW = 90_000
beforeAll(async () => {
  ;[browser, stage] = await Promise.all([startBrowser(), controlStage()])
  ;({ context, page, faults } = await stage.signedIn(browser))
  page.setDefaultTimeout(30_000)
}, 120_000)
afterAll(async () => {
  await context.close()
  await browser.close()
  await stage.close()
})

const open = (path: string, on = page): Promise<unknown> => on.goto(stage.url + path)
const button = (name: string | RegExp) => page.getByRole('button', { name })

/** Puts a text into the editor as typing would: the whole of it replaced. */
async function type(text: string): Promise<void> {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

/** Newest records of a kind. */
async function records(kind: string): Promise<readonly Record<string, unknown>[]> {
  const found = await stage.gateway.store.readLog({ kind, newest: true, limit: 20 })
  return found.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
}

describe('policies', () => {
  const opened = `${TEAM.replace('1.0', '1.1').replace(/@id[^;]*;/, '')}@id("team.delete")
permit (principal, action == Action::"mail.delete_mail", resource);
`

  it(
    'ND-5.5.a SC2: a red test blocks publishing, and the editor says which line made it red',
    { timeout: SLOW },
    async () => {
      await open('/policies/live/team.cedar')
      await button('Edit as draft').click()
      await page.getByText('Nothing is changed.').waitFor()
      await type(opened)
      await page.getByText('Publishing is blocked by 1 red test.').waitFor()
      expect(await button('Publish…').isDisabled()).toBe(true)
      await page.locator('.sp-lens').getByText('1 test is red because of line').waitFor()
      await page.getByRole('heading', { name: 'Nobody deletes mail' }).waitFor()
      expect(await axe(page)).toEqual([])
      expect(faults).toEqual([])
      await shot(page, 'policies-red-light')
    },
  )

  it('AC-5.1.1: what cannot be read is marked at its place, and blocks', { timeout: SLOW }, async () => {
    await type(TEAM.replace('forbid (principal', 'forbid (principle'))
    await page.getByText(/Publishing is blocked by \d+ error/).waitFor()
    await page.locator('.cm-lintRange-error').first().waitFor()
    await type(opened)
    await page.getByText('Publishing is blocked by 1 red test.').waitFor()
  })

  it('simulates a draft against recorded calls and explains one', { timeout: SLOW }, async () => {
    await page
      .getByRole('link', { name: /team.test.yaml/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'policies/team.test.yaml' }).waitFor()
    await type(
      TEAM_TESTS.replace(/name: Nobody.*/, 'name: Mail may be deleted').replace(
        /expected: .*/,
        'expected: { allowed: true }',
      ),
    )
    await page.getByText('Save the draft, then publish it.').waitFor()
    await button('Save draft').click()
    await page.getByText('Ready. It allows more by 2 rules.').waitFor()
    await page.getByRole('link', { name: 'Simulate' }).click()
    await button('Simulate the draft').click()
    await button(/^Denied before, would now be asked\s*2$/).click()
    await page.getByRole('link', { name: 'support-triage · mail.delete_mail' }).waitFor()
    expect(await axe(page)).toEqual([])
    await shot(page, 'policies-simulate-light')
    await page.getByRole('link', { name: 'Explain' }).click()
    await button('mail.delete_mail').first().click()
    await page.getByText('was denied when it was made').waitFor()
    await page.getByLabel('What if it were').selectOption('3')
    await page.getByText('Allowed', { exact: true }).first().waitFor()
    expect(await axe(page)).toEqual([])
  })

  it(
    'T-049 T-001: publishing lists what becomes allowed, and a passkey puts it into force',
    { timeout: SLOW },
    async () => {
      await button('Publish…').click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('team.no-delete: a forbid that is gone').waitFor()
      expect(await axe(page)).toEqual([])
      await shot(page, 'policies-publish-light')
      expect(stage.gateway.ports.policy.current().version).toContain('team@1.0')
      await dialog.getByRole('button', { name: 'Publish with passkey' }).click()
      await page.getByText(/team@1.1.* is in force\./).waitFor()
      expect(stage.gateway.ports.policy.current().version).toContain('team@1.1')
      expect((await records('policy')).at(-1)).toMatchObject({ action: 'update', actor: 'operator:ana', valid: true })
      await open('/policies/history')
      await page.getByText('allows more').waitFor()
      expect(await axe(page)).toEqual([])
      await shot(page, 'policies-history-light')
    },
  )
})

describe('tools', () => {
  it(
    'T-084: a change is shown word by word, kept held by one key, accepted with a passkey',
    { timeout: SLOW },
    async () => {
      await stage.drift()
      await open('/tools/mail')
      await page.getByText('This server changed 1 of its 4 tools after you pinned it.').waitFor()
      await page.getByText('13 tag characters').first().waitFor()
      await page.getByText('Invisible text').waitFor()
      await page.getByText('New argument').waitFor()
      expect(await axe(page)).toEqual([])
      await shot(page, 'tools-held-light')
      await page.keyboard.press('h')
      await page.getByText('send_mail stays held, ana looked at it').waitFor()
      await button('Accept the new pin…').click()
      await button('Accept with passkey').click()
      await page.getByText('This server changed').waitFor({ state: 'detached' })
      const pinned = stage.gateway.catalogue.entries('mail').find(({ tool }) => tool.name === 'send_mail')
      expect(pinned).toMatchObject({ state: 'pinned' })
      const kept = (await records('tool')).slice(-2).map(({ change, by }) => [change, by])
      expect(kept).toEqual([
        ['tool.kept-held', 'operator:ana'],
        ['tool.pinned', 'operator:ana'],
      ])
    },
  )
})

describe('agents', () => {
  it(
    'HB-145: stopping one ends its call in flight within a second; going on needs a passkey and a reason',
    { timeout: SLOW },
    async () => {
      await open('/agents/support-triage')
      const call = stage.agent
        .call('every.trigger-long-running-operation', { duration: 30, steps: 3 })
        .then(() => 'done')
        .catch((thrown: { code: string }) => thrown.code)
      await expect.poll(() => stage.gateway.identity.killSwitch.running('support-triage'), { timeout: 20_000 }).toBe(1)
      await button('Stop support-triage…').click()
      const stop = button('Stop support-triage').last()
      await stop.waitFor()
      // the only dialog where the heavy act has the focus
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Stop support-triage')
      await stop.click()
      expect(await call).toBe('SP_AUTHZ_KILLED')
      await page.getByText(/1 of 1 calls ended in 0\.\d s/).waitFor()
      const [state] = stage.gateway.identity.killSwitch.list()
      expect(state?.calls?.afterMs).toBeLessThan(1_000)
      await button('Close').last().click()
      expect(await axe(page)).toEqual([])
      await shot(page, 'agents-stopped-light')
      await button('Resume…').click()
      await page.getByLabel('Why it may go on').fill('Looked at it')
      await button('Resume…').last().click()
      await button('Resume with passkey').click()
      await page.getByText('support-triage is stopped').waitFor({ state: 'detached' })
      expect(stage.gateway.identity.killSwitch.list()).toEqual([])
    },
  )
})

describe('egress and credentials', () => {
  it(
    'T-113: a blocked host becomes the narrowest rule, with a passkey; an inside address never does',
    { timeout: SLOW },
    async () => {
      await open('/egress')
      await page.getByText('169.254.169.254').first().waitFor()
      await page.getByText('Never reachable. An exception is configuration.').waitFor()
      await button('Draft a rule…').first().click()
      await page.getByText('Would have allowed 2 of 2 tries and nothing else.').waitFor()
      expect(await axe(page)).toEqual([])
      await shot(page, 'egress-draft-light')
      await button('Publish…').click()
      await button('Allow with passkey').click()
      await expect
        .poll(() => stage.allowed(), { timeout: 20_000 })
        .toEqual([{ host: 'api.deepl.example', agent: 'support-triage' }])
      await open('/egress?tab=rules')
      await button('Withdraw api.deepl.example').click()
      await page.getByText('Nobody allowed a host for a time.').waitFor()
      expect(await stage.allowed()).toEqual([])
    },
  )

  it(
    'HB-88 T-128: a value goes in masked and never comes back; taking all back is free',
    { timeout: SLOW },
    async () => {
      const seen: string[] = []
      page.on(
        'response',
        (response) =>
          void response.text().then(
            (text) => seen.push(text),
            () => undefined,
          ),
      )
      await open('/credentials')
      await button('Add a secret…').click()
      await page.getByLabel('Name').fill('crm-key')
      const value = page.getByLabel('Value')
      expect(await value.getAttribute('type')).toBe('password')
      await value.fill('corn-flower-41')
      await button('Keep it…').click()
      await button('Keep with passkey').click()
      await page.getByRole('link', { name: /crm-key/ }).click()
      await page.getByText('What became of it').waitFor()
      expect(await axe(page)).toEqual([])
      await shot(page, 'credentials-light')
      expect(seen.some((text) => text.includes('corn-flower-41') || text.includes(btoa('corn-flower-41')))).toBe(false)
      expect(await page.content()).not.toContain('corn-flower-41')
      await open('/credentials?tab=leases')
      await button('Take all back…').click()
      await button('Take all back').last().click()
      await page.getByText('All credentials taken back.').waitFor()
      await button('Give again…').click()
      await button('Give with passkey').click()
      await page.getByText('All credentials taken back.').waitFor({ state: 'detached' })
    },
  )
})

const PAGES = [
  ['/policies', 'Policies'],
  ['/policies/history', 'Policies'],
  ['/tools', 'Tools & servers'],
  ['/tools/mail', 'Tools & servers'],
  ['/agents', 'Agents'],
  ['/agents/deploy-bot', 'Agents'],
  ['/credentials', 'Credentials'],
  ['/credentials/github-token', 'Credentials'],
  ['/credentials?tab=usage', 'Credentials'],
  ['/egress', 'Egress'],
  ['/egress?tab=rules', 'Egress'],
  ['/egress?tab=live', 'Egress'],
  ['/supply', 'Supply chain'],
] as const
const nameOf = (path: string): string => path.slice(1).replaceAll(/[/?=]/g, '-')

describe('every page of control', () => {
  for (const [look, options] of [
    ['light', {}],
    ['dark', { dark: true }],
    ['phone', { width: 360, height: 740 }],
  ] as const) {
    it(`SC2: has no fault that axe or the content policy knows, and fits: ${look}`, { timeout: 2 * SLOW }, async () => {
      const own = await stage.signedIn(browser, options)
      for (const [path, title] of PAGES) {
        await open(path, own.page)
        await own.page.getByRole('heading', { name: title, level: 1 }).waitFor()
        await expect.poll(() => own.page.locator('[aria-busy=true]').count()).toBe(0)
        expect([path, await axe(own.page)]).toEqual([path, []])
        expect([path, await fits(own.page)]).toEqual([path, true])
        await shot(own.page, `${nameOf(path)}-${look}`)
      }
      expect(own.faults).toEqual([])
      await own.context.close()
    })
  }

  it('says what went wrong, who may not, and that nothing is there', { timeout: 2 * SLOW }, async () => {
    const own = await stage.signedIn(browser)
    const lists = ['policy/files', 'tools/servers', 'agent-activity', 'vault', 'egress/blocked']
    const paths = ['/policies', '/tools', '/agents', '/credentials', '/egress']
    let body: unknown = {
      title: 'The store does not answer.',
      code: 'SP_STORE_UNAVAILABLE',
      next: 'Run sallyport doctor.',
    }
    let status = 503
    const nothing: Readonly<Record<string, unknown>> = {
      'policy/files': {},
      'tools/servers': { servers: [], isComplete: true },
      'agent-activity': { agents: [], isComplete: true, running: 0 },
      vault: { secrets: [], refused: [], elsewhere: [] },
      'egress/blocked': { hosts: [], reached: 0, attempts: 0, refused: 0, isComplete: true },
    }
    for (const list of lists)
      await own.context.route(`**/api/v1/${list}`, (route) =>
        route.fulfill({ status, json: status === 200 ? nothing[list] : body }),
      )
    for (const path of paths) {
      await open(path, own.page)
      await own.page.getByRole('alert').getByText('SP_STORE_UNAVAILABLE').waitFor({ timeout: 20_000 })
      expect([path, await axe(own.page)]).toEqual([path, []])
      await shot(own.page, `${nameOf(path)}-error`)
    }
    ;[status, body] = [403, { title: 'Your roles do not hold this scope.', code: 'SP_AUTHZ_SCOPE', detail: 'read' }]
    for (const path of paths) {
      await open(path, own.page)
      await own.page.getByText(/You are /).waitFor()
    }
    status = 200
    const empty = [
      ['/tools', 'No server is behind the gateway.'],
      ['/agents', 'No agent is known.'],
      ['/credentials', 'No secret is stored.'],
      ['/egress', 'Nothing was blocked this week.'],
    ] as const
    for (const [path, words] of empty) {
      await open(path, own.page)
      await own.page.getByText(words).waitFor()
      expect([path, await axe(own.page)]).toEqual([path, []])
      await shot(own.page, `${nameOf(path)}-empty`)
    }
    await own.context.close()
  })

  it('SEC-2.1: who only looks cannot begin anything, here or at the gateway', { timeout: SLOW }, async () => {
    const own = await stage.signedIn(browser, {}, 'viewer')
    await open('/policies', own.page)
    const edit = own.page.getByRole('button', { name: 'Edit as draft' })
    await edit.waitFor()
    await expect.poll(() => edit.isDisabled()).toBe(true)
    const answers = await own.page.evaluate(`Promise.all([
      ['POST', '/api/v1/policy/drafts', {}],
      ['POST', '/api/v1/kill', { all: true }],
      ['POST', '/api/v1/leases/revoke', { all: true }],
      ['POST', '/api/v1/tools/servers/mail/hold', { tools: {} }],
    ].map(([method, path, body]) => fetch(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then((r) => r.status)))`)
    expect(answers).toEqual([403, 403, 403, 403])
    await own.context.close()
  })
})
