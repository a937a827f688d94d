import { describe, expect, it } from 'vitest'
import type { JsonObject } from '@sallyport/core'
import type { Locator, Page } from 'playwright-core'
import { approvalAnswers } from './examples.ts'
import { fakeGateway, ME, type Answer } from './fixtures.ts'
import { axe, fits, newContext, shot, type Look } from './kit.ts'
import { builtConsole, type Opened } from './stage.ts'

const stage = builtConsole()

const LOOKS: readonly (readonly [string, Look])[] = [
  ['light', {}],
  ['dark', { dark: true }],
  ['rail', { width: 800 }],
  ['phone', { width: 360, height: 740 }],
]

const open = (
  look: Look,
  answers: Readonly<Record<string, Answer>> = approvalAnswers(),
  path = '/approvals/a-91c4',
): Promise<Opened> => stage.open(look, { '/api/v1/me': ME, ...answers }, path)

const problem = (status: number, title: string) => () => ({
  status,
  body: { title, status, code: 'SP_TEST', detail: '', next: 'Try again.', eventId: 'evt_01JD4Q8M7C' },
})
const failing = problem(503, 'The store does not answer.')
const forbidden = problem(403, 'Approvals are read by viewer and above.')

/** Opens the e-mail request and writes down what is sent to decide. */
async function deciding(look: Look = {}, script = '', answers = approvalAnswers()) {
  const decisions: string[] = []
  const context = await newContext(stage.browser, look)
  if (script !== '') await context.addInitScript({ content: script })
  context.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (request.method() === 'POST' && pathname.startsWith('/api/v1/approvals/')) {
      decisions.push(`POST ${pathname}`)
    }
  })
  const gateway = await fakeGateway(context, {
    '/api/v1/me': ME,
    ...answers,
    'POST /api/v1/approvals/a-91c4/deny': { id: 'a-91c4', state: 'denied' },
  })
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  await page.goto(`${stage.url}/approvals/a-91c4`)
  return { context, page, gateway, decisions }
}

/** Waits until Deny would act. */
async function armed(page: Page): Promise<void> {
  const deny = page.getByRole('button', { name: 'Deny' })
  await expect.poll(() => deny.getAttribute('aria-disabled'), { timeout: 10_000 }).toBe('false')
}

/** Clicks where the button is, whatever it thinks of that. */
async function clickAt(button: Locator, how: 'click' | 'dblclick' = 'click'): Promise<void> {
  const box = await button.boundingBox()
  await button.page().mouse[how]((box?.x ?? 0) + 10, (box?.y ?? 0) + 10)
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

  it('T-026: double click, held Enter and a press before 800 ms deny and approve nothing', async () => {
    const { context, page, decisions } = await deciding()
    const deny = page.getByRole('button', { name: 'Deny' })
    await deny.waitFor()
    await clickAt(deny)
    await page.keyboard.press('d')
    expect(decisions).toEqual([])
    await armed(page)
    // a key that is held sends repeats; the first of them came before the button had the focus
    await deny.focus()
    await deny.dispatchEvent('keydown', { key: 'Enter', repeat: true })
    await page.keyboard.down('Shift')
    await page.keyboard.up('Shift')
    expect(decisions).toEqual([])
    const approve = page.getByRole('button', { name: /^Approve/ })
    await page.getByLabel('Reason').fill('Confirmed with Lena by phone')
    await expect.poll(() => approve.getAttribute('aria-disabled')).toBe('false')
    await clickAt(approve, 'dblclick')
    await page.getByRole('dialog').waitFor()
    expect(decisions).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(decisions).toEqual([])
    await clickAt(deny, 'dblclick')
    await page.waitForTimeout(300)
    expect(decisions).toEqual(['POST /api/v1/approvals/a-91c4/deny'])
    await context.close()
  })

  it('T-027: what is pressed on one request and let go on another approves and denies nothing', async () => {
    const { context, page, gateway, decisions } = await deciding()
    await armed(page)
    const box = await page.getByRole('button', { name: 'Deny' }).boundingBox()
    await page.mouse.move((box?.x ?? 0) + 10, (box?.y ?? 0) + 10)
    await page.mouse.down()
    const answers = approvalAnswers()
    const other = answers['/api/v1/approvals/a-91c5'] as JsonObject
    gateway.answer({ ...answers, '/api/v1/approvals/a-91c4': { ...other, id: 'a-91c4' } })
    gateway.publish('approvals', 'a-91c4')
    await page.getByText('claude-code wants').waitFor()
    await page.mouse.up()
    await page.waitForTimeout(1000)
    expect(decisions).toEqual([])
    await context.close()
  })

  it('T-032 T-034: hostile arguments stay text: nothing runs, nothing reorders, nothing imitates the page', async () => {
    const { context, faults, page } = await open({}, approvalAnswers(['a-91c8']), '/approvals/a-91c8')
    await page.getByRole('button', { name: 'Deny' }).waitFor()
    await shot(page, 'approvals-hostile')
    expect(await page.locator('article img, article script, article iframe').count()).toBe(0)
    expect(await page.title()).toContain('Approvals')
    expect(await page.getByRole('img', { name: /right-to-left override/ }).count()).toBeGreaterThan(0)
    expect(await page.getByText('hidden characters shown').count()).toBe(1)
    expect(await page.getByRole('status').allInnerTexts()).not.toContain('Approved by you. Waiting for the agent.')
    expect(faults).toEqual([])
    await context.close()
  })

  it('T-035: approving waits until every destination was on the screen and a reason is given', async () => {
    const { context, page } = await deciding({ height: 330 })
    const approve = page.getByRole('button', { name: /^Approve/ })
    await armed(page)
    expect(await approve.getAttribute('aria-disabled')).toBe('true')
    await expect.poll(() => page.locator('footer[aria-label=Decision]').innerText()).toContain('Scroll until')
    await page.getByText('Goes to').first().scrollIntoViewIfNeeded()
    await page.getByText('Domain', { exact: true }).first().scrollIntoViewIfNeeded()
    await expect.poll(() => page.locator('footer[aria-label=Decision]').innerText()).toContain('Give a reason')
    await page.getByLabel('Reason').fill('Confirmed by phone')
    await expect.poll(() => approve.getAttribute('aria-disabled')).toBe('false')
    await context.close()
  })

  it('E-47: without a connection nothing can be decided, and the page says since when', async () => {
    const { context, page, gateway, decisions } = await deciding()
    await armed(page)
    gateway.drop(1012, false)
    await page
      .getByText(/Not connected since/)
      .first()
      .waitFor()
    await shot(page, 'approvals-offline')
    await page.keyboard.press('d')
    expect(await page.getByRole('button', { name: 'Deny' }).getAttribute('aria-disabled')).toBe('true')
    expect(await axe(page)).toEqual([])
    gateway.reachable()
    await page
      .getByText(/Not connected since/)
      .first()
      .waitFor({ state: 'detached', timeout: 20_000 })
    expect(decisions).toEqual([])
    await context.close()
  })

  it('T-010: a remote-controlled browser is told so and offered nothing to press', async () => {
    const { context, page } = await deciding(
      {},
      "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => true })",
    )
    await page.getByText('This browser is remote-controlled. Deciding is off here.').waitFor()
    expect(await page.getByRole('button', { name: 'Deny' }).count()).toBe(0)
    await context.close()
  })

  it('SC2: rows stay where they are while somebody looks; new ones collect until they are asked for', async () => {
    const { context, page, gateway } = await deciding({}, '', approvalAnswers(['a-91c4', 'a-91c6']))
    await armed(page)
    const rows = page.locator('section[aria-label=Requests] li a')
    const before = await rows.allInnerTexts()
    gateway.answer(approvalAnswers())
    gateway.publish('approvals', 'a-91c3')
    await page.getByRole('button', { name: '3 new' }).waitFor()
    expect((await rows.allInnerTexts()).length).toBe(before.length)
    await page.keyboard.press('n')
    await page.getByRole('button', { name: '3 new' }).waitFor({ state: 'detached' })
    expect((await rows.allInnerTexts()).length).toBe(before.length + 3)
    await context.close()
  })

  it('SC2: E explains by the rules, J shows the canonical bytes, S opens the story of the session', async () => {
    const answers = approvalAnswers()
    const record = {
      auditId: 'evt_91c4',
      policyRule: ['ifc.sink', 'ifc.rule-of-two'],
      policyDecision: 'require_approval',
    }
    const policies = [
      { id: 'ifc.sink', file: 'flow.cedar:12', text: '@id("ifc.sink") forbid (principal, action, resource);' },
    ]
    const { context, page } = await deciding({}, '', {
      ...answers,
      'POST /api/v1/policy/explain': { record, policies, inForce: true },
    } as never)
    await armed(page)
    await page.keyboard.press('e')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('2 rules, in this order, decided: require approval.').waitFor()
    expect(await dialog.locator('li').allInnerTexts()).toEqual([
      expect.stringContaining('flow.cedar:12'),
      expect.stringContaining('Built in'),
    ])
    await shot(page, 'approvals-explain')
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Shift+J')
    expect(await page.locator('article pre').innerText()).toMatch(/^\{"attachments":\["customers-q3\.csv"\],"body":/)
    await page.keyboard.press('s')
    await page.waitForURL('**/sessions/s-7f3k')
    await context.close()
  })

  it('T-003: who may not approve is told why, in the row and in the place of the button, and may still deny', async () => {
    const answers = approvalAnswers(['a-91c4', 'a-91c6'])
    const why = 'Policy names other approvers for this.'
    const [one, two] = (answers['/api/v1/approvals'] as { items: JsonObject[] }).items as [JsonObject, JsonObject]
    const mine = { ...one, mayDecide: false, whyNot: why }
    const { context, page, decisions } = await deciding({}, '', {
      '/api/v1/approvals': { items: [mine, two] },
      '/api/v1/approvals/a-91c4': {
        ...(answers['/api/v1/approvals/a-91c4'] as JsonObject),
        mayDecide: false,
        whyNot: why,
      },
    } as never)
    await armed(page)
    await page.getByText('For me 1').waitFor()
    expect(await page.getByText('not yours to approve').count()).toBe(1)
    expect(await page.locator('footer[aria-label=Decision]').innerText()).toContain(why)
    await page.keyboard.press('a')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.keyboard.press('d')
    await expect.poll(() => decisions).toEqual(['POST /api/v1/approvals/a-91c4/deny'])
    await context.close()
  })

  it('T-010: without a passkey the dialog names the command that asks for the PIN; critical is for another machine', async () => {
    const noPasskey = { '/api/v1/passkeys': { items: [{ operator: 'operator:mei' }] } }
    const confirm = async (more: JsonObject) => {
      const answers = approvalAnswers(['a-91c6'])
      const detail = { ...(answers['/api/v1/approvals/a-91c6'] as JsonObject), ...more }
      const all = { ...answers, ...noPasskey, '/api/v1/me': ME, '/api/v1/approvals/a-91c6': detail }
      const { context, page } = await open({}, all as never, '/approvals/a-91c6')
      await armed(page)
      await page.getByLabel('Reason').fill('Looked at the diff')
      await page.getByRole('button', { name: /^Approve once/ }).click()
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      return { context, page, dialog }
    }
    const { context, page, dialog } = await confirm({})
    await dialog.getByText('sallyport approvals approve a-91c6').waitFor()
    expect(await dialog.getByRole('button', { name: /with passkey/ }).getAttribute('aria-disabled')).toBe('true')
    await shot(page, 'approvals-pin')
    expect(await axe(page)).toEqual([])
    await context.close()
    const critical = await confirm({ severity: 'critical' })
    await critical.dialog.getByText('Open on your phone.').waitFor()
    expect(await critical.dialog.locator('code').filter({ hasText: stage.url }).count()).toBe(1)
    await critical.context.close()
  })

  it('SC2: a host is let out by configuration: the page shows the lines, where they go, and nothing for an odd name', async () => {
    const ruleFor = async (host: string, look: Look) => {
      const answers = approvalAnswers(['a-91c6'])
      const of = answers['/api/v1/approvals/a-91c6'] as JsonObject
      const detail = { ...of, tool: 'egress.connect', arguments: { host } }
      const all = { ...answers, '/api/v1/me': ME, '/api/v1/approvals/a-91c6': detail }
      const { context, page } = await open(look, all as never, '/approvals/a-91c6')
      await page.getByRole('button', { name: 'Draft a rule…' }).first().click()
      return { context, page, dialog: page.getByRole('dialog', { name: 'Draft a rule' }) }
    }
    for (const look of [{}, { dark: true, width: 360, height: 800 }]) {
      const { context, page, dialog } = await ruleFor('api.deepl.com:443', look)
      expect(await dialog.getByLabel('The rule in YAML').innerText()).toContain("hosts: ['api.deepl.com']")
      await dialog.getByText('egress.files').waitFor()
      await shot(page, `approvals-host-rule-${look.width ?? 'wide'}`)
      expect([await axe(page), await fits(page)]).toEqual([[], true])
      await context.close()
    }
    const odd = await ruleFor("x']\n    agents: ['*", {})
    await odd.dialog.getByText('not a plain name').waitFor()
    expect(await odd.dialog.getByLabel('The rule in YAML').count()).toBe(0)
    await odd.context.close()
  })

  it('E-30: denying and ending the session is one press further away than denying, and stops the agent', async () => {
    const { context, page, decisions } = await deciding()
    const bodies: unknown[] = []
    context.on('request', (request) => request.url().endsWith('/deny') && bodies.push(request.postDataJSON()))
    await armed(page)
    await page.getByLabel('More ways to decide').click()
    await shot(page, 'approvals-overflow')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Deny and end session' }).click()
    await expect.poll(() => decisions).toEqual(['POST /api/v1/approvals/a-91c4/deny'])
    expect(bodies).toEqual([{ reason: '', endSession: true }])
    await context.close()
  })

  it('T-048: a flood and a session at its limit are said above the list, and can be stopped there', async () => {
    const answers = approvalAnswers(['a-91c4'])
    const [one] = (answers['/api/v1/approvals'] as { items: JsonObject[] }).items
    const many = Array.from({ length: 120 }, (_, at) => ({
      ...one,
      ...{ id: `f-${at}`, agentId: 'research-agent', instance: `i-${at % 24}` },
    }))
    const items = [one as JsonObject, ...many]
    const { context, page } = await deciding({}, '', {
      ...answers,
      '/api/v1/approvals': { items, maxPending: 5 },
    } as never)
    await page.getByText('121 requests wait, 120 of them from research-agent.').waitFor()
    expect(await page.getByText('research-agent has reached its limit of 5.').count()).toBe(1)
    await shot(page, 'approvals-flood')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Stop research-agent…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop research-agent' }).waitFor()
    await context.close()
  })

  it('SC2: the first picture shows the list and the request of most risk at once, with its address', async () => {
    const answers = approvalAnswers()
    const { context, page } = await open({}, answers, '/settings')
    await page.getByRole('main').getByText('Jonas Weber').waitFor()
    await context.addInitScript({ content: PICTURES })
    await page.goto(`${stage.url}/approvals`)
    await page.waitForURL('**/approvals/a-*')
    const [first] = (await page.evaluate('window.pictures')) as readonly string[]
    expect(first).toContain('Requests with Request with article')
    await context.close()
  })

  it('SC2: of a gateway that answers slowly the page is there all the same, and waits', async () => {
    const { context, page } = await open({}, approvalAnswers(), '/settings')
    await page.getByRole('main').getByText('Jonas Weber').waitFor()
    let answer = (): void => undefined
    const asked = new Promise<void>((resolve) => (answer = resolve))
    await context.route('**/api/v1/approvals*', async (route) => {
      await asked
      await route.fallback()
    })
    await page.goto(`${stage.url}/approvals`)
    await page.getByRole('heading', { name: 'Approvals' }).waitFor()
    expect(await page.getByRole('article').count()).toBe(0)
    answer()
    await page.getByRole('article').waitFor()
    await context.close()
  })

  for (const [name, answers] of [
    ['empty', { '/api/v1/approvals': { items: [] } }],
    ['error', { '/api/v1/approvals': failing }],
    ['forbidden', { '/api/v1/approvals': forbidden }],
  ] as const) {
    it(`SC2: the page says what it is when it is ${name}`, async () => {
      const { context, page } = await open({}, answers, '/approvals')
      await page.getByText(WORDS[name]).first().waitFor({ timeout: 10_000 })
      await shot(page, `approvals-${name}`)
      expect(await axe(page)).toEqual([])
      await context.close()
    })
  }
})

/** What of the page of approvals is there at the first change that puts anything on it. */
const PICTURES = `
  window.pictures = []
  const { setTimeout: later } = window
  // the page waits for its answers however slow the machine is
  window.setTimeout = (run, ms, ...given) => (ms === 300 ? 0 : later(run, ms, ...given))
  new MutationObserver(() => {
    const there = ['Requests', 'Request'].filter((name) => document.querySelector('section[aria-label="' + name + '"]'))
    if (document.querySelector('#root')?.firstChild == null) return
    window.pictures.push([...there, document.querySelector('article') ? 'article' : 'nothing'].join(' with '))
  }).observe(document, { subtree: true, childList: true })`

const WORDS = { empty: 'Nothing waits.', error: 'The approvals could not be loaded.', forbidden: 'You are admin' }
