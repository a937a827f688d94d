/**
 * Pictures of pages, to look at and for docs/guides/console.md. By hand, after `npm run build`:
 * `npx tsx --conditions=source test/browser/pictures.mts FOLDER [fixed|controlled] [NAME…]`.
 * Activity, sessions and log are pictured by their own tests where SALLYPORT_SHOTS names a folder.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { controlStage, TEAM } from './control-stage.ts'
import { approvalAnswers } from './examples.ts'
import { fakeGateway, serveStatics, type Answer } from './fixtures.ts'
import { HEALTH } from './health-example.ts'
import { fits, newContext, startBrowser, type Look } from './kit.ts'
import { EXAMPLE } from './pages-example.ts'
import { BUDGETS, NO_SKILLS, SKILLS } from './posture-example.ts'

const [folder = 'pictures', only = '', ...names] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })

const LOOKS: readonly (readonly [string, Look])[] = [
  ['light', {}],
  ['dark', { dark: true }],
  ['phone', { width: 360, height: 740 }],
]
const failing = () => ({
  status: 503,
  body: {
    title: 'The store does not answer.',
    code: 'SP_STORE_UNAVAILABLE',
    detail: '',
    next: 'Run sallyport doctor.',
  },
})

async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => undefined)
  await page.locator('main h1').first().waitFor()
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
  await page.waitForTimeout(300)
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' })
  if (!(await fits(page))) console.log(`${name}: wider than the screen`)
}

/** Pages whose whole content the fixtures give. */
const FIXED: readonly (readonly [name: string, path: string, answers?: Readonly<Record<string, Answer>>])[] = [
  ['approvals', '/approvals/a-91c4'],
  ['approvals-list', '/approvals'],
  ['approvals-empty', '/approvals', { '/api/v1/approvals': { items: [] } }],
  ['approvals-error', '/approvals', { '/api/v1/approvals': failing }],
  ['alerts', '/alerts/al-3021'],
  ['alerts-list', '/alerts'],
  ['alerts-empty', '/alerts', { '/api/v1/alerts': { items: [], total: 0, lastResolved: Date.now() - 80_000_000 } }],
  ['alerts-error', '/alerts', { '/api/v1/alerts': failing }],
  ['health', '/health', HEALTH],
  ['health-error', '/health', { '/api/v1/health': failing }],
  ['agents', '/agents'],
  ['agents-empty', '/agents', { '/api/v1/agent-activity': { agents: [], isComplete: true, running: 0 } }],
  ['agents-error', '/agents', { '/api/v1/agent-activity': failing }],
  ['budgets', '/agents', { '/api/v1/budgets': BUDGETS }],
  ['budgets-empty', '/agents', { '/api/v1/budgets': { budgets: [] } }],
  ['budgets-error', '/agents', { '/api/v1/budgets': failing }],
  ['supply', '/supply/skill/invoice-helper', SKILLS],
  ['supply-list', '/supply', SKILLS],
  ['supply-empty', '/supply', NO_SKILLS],
  ['supply-error', '/supply', { '/api/v1/skills': failing }],
  ['sessions-error', '/sessions', { '/api/v1/sessions/history': failing }],
  ['log-error', '/log', { '/api/v1/log': failing }],
  ['tools-error', '/tools', { '/api/v1/tools/servers': failing }],
  ['settings', '/settings/profile'],
  ['people', '/settings/people'],
  ['passkeys', '/settings/presence'],
  ['logins', '/settings/sessions'],
  ['channels', '/settings/channels'],
  ['about', '/settings/about'],
  ['sign-in', '/sign-in'],
  ['setup', '/setup#code-of-the-link'],
]

async function fixed(browser: Browser, url: string): Promise<void> {
  for (const [look, options] of LOOKS)
    for (const [name, path, answers = {}] of FIXED) {
      if (names.length > 0 && !names.includes(name)) continue
      if (look === 'dark' && /-(?:empty|error|list)$/.test(name)) continue
      const context = await newContext(browser, options)
      const gateway = await fakeGateway(context, { ...EXAMPLE, ...approvalAnswers(), ...answers })
      const page = await context.newPage()
      await page.goto(url + path)
      await take(page, `${name}-${look}`)
      if (name === 'approvals' && look === 'light') {
        gateway.drop(1012, false)
        await page
          .getByText(/Not connected since/)
          .first()
          .waitFor()
        await take(page, 'approvals-offline')
      }
      await context.close()
    }
}

async function controlled(browser: Browser): Promise<void> {
  const stage = await controlStage()
  const { context, page } = await stage.signedIn(browser)
  await asJonas(context)
  await page.goto(`${stage.url}/policies/live/team.cedar`)
  await page.getByRole('button', { name: 'Edit as draft' }).click()
  await page.getByText('Nothing is changed.').waitFor()
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(
    `${TEAM.replace('1.0', '1.1').replace(/@id[^;]*;/, '')}@id("team.delete")\npermit (principal, action == Action::"mail.delete_mail", resource);\n`,
  )
  await page.getByText('Publishing is blocked by 1 red test.').waitFor()
  await page.locator('.sp-lens').waitFor()
  await page.evaluate('document.activeElement.blur()')
  await take(page, 'policies-red-light')
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await take(page, 'policies-red-dark')
  await context.close()
  await stage.drift()
  for (const [look, options] of LOOKS) {
    const own = await stage.signedIn(browser, options)
    await asJonas(own.context)
    for (const path of [
      ...['policies', 'policies/history', 'tools', 'tools/mail', 'agents/support-triage', 'credentials'],
      ...['credentials/github-token', 'credentials?tab=leases', 'credentials?tab=usage', 'egress', 'egress?tab=rules'],
      ...['egress?tab=live', 'supply'],
    ]) {
      await own.page.goto(`${stage.url}/${path}`)
      await own.page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
      await take(own.page, `${path.replaceAll(/[/?=]/g, '-')}-${look}`)
    }
    await own.context.close()
  }
  await stage.close()
}

/** The person of the example in the place of the one who set up the stage. */
async function asJonas(context: BrowserContext): Promise<void> {
  await context.route('**/api/v1/me', async (route) => {
    const answer = await route.fetch()
    const me = (await answer.json()) as Record<string, unknown>
    await route.fulfill({
      response: answer,
      json: { ...me, ...EXAMPLE['/api/v1/me'], id: me['id'], serverTime: me['serverTime'] },
    })
  })
}

const [browser, statics] = await Promise.all([startBrowser(), serveStatics()])
const PARTS = [
  ['fixed', () => fixed(browser, statics.url)],
  ['controlled', () => controlled(browser)],
] as const
for (const [name, run] of PARTS)
  if (only === '' || only === name)
    await run().catch((thrown: unknown) => {
      console.error(name, thrown)
    })
await browser.close()
await statics.close()
process.exit(0)
