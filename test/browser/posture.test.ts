import { describe, expect, it } from 'vitest'
import { finding, HEALTH, REPORT } from './health-example.ts'
import { axe, fits, shot } from './kit.ts'
import { EXAMPLE } from './pages-example.ts'
import { BUDGETS } from './posture-example.ts'
import { builtConsole, LOOKS } from './stage.ts'

const stage = builtConsole()

const of = (severity: string, cost: number, category: string, id: string, subject: string, words: object) => ({
  ...finding(severity, cost, `posture.${id}.${subject}`, words),
  category,
})
const AUDITED = {
  ...{ ...REPORT, score: 39, cap: 39 },
  findings: [
    of('critical', 40, 'config', 'fs.owner', '/etc/sallyport.yaml', {
      title: '/etc/sallyport.yaml: It belongs to another account (uid 1001).',
      why: 'Whoever owns it can change what this gateway allows.',
      next: 'chown sallyport /etc/sallyport.yaml',
    }),
    of('high', 20, 'secrets', 'secrets.in_config', 'servers.crm.env.CRM_KEY', {
      title: 'servers.crm.env.CRM_KEY: It holds a secret as plain text.',
      why: 'It holds a secret as plain text.',
      next: 'Put it into the vault with `sallyport secret set`, and name it here.',
      page: '/credentials',
    }),
    of('high', 20, 'config', 'fs.symlink', '/var/lib/sallyport', {
      title: '/var/lib/sallyport: It is a link to /mnt/shared/sallyport.',
      why: 'Who can change the link decides which state is read.',
      next: 'Use the real folder.',
    }),
    of('medium', 10, 'policy', 'policy.unreachable', 'team.no-delete', {
      title: 'team.no-delete: It never decides: another rule always comes first.',
      why: 'A rule that never fires protects nothing.',
      next: 'sallyport policy check',
      page: '/policies',
    }),
    of('medium', 10, 'tools', 'supply.unreviewed', 'notes', {
      title: 'notes: It lies where agents look and nobody reviewed it.',
      why: 'A skill is instructions and code of somebody else.',
      next: 'sallyport skills review notes',
      page: '/supply',
    }),
    of('low', 5, 'policy', 'policy.untested', 'team.mail', {
      title: 'team.mail: No test covers it.',
      why: 'A change of it is not noticed.',
      next: 'Write a test beside it.',
    }),
  ],
}

const AGENTS = { ...EXAMPLE, '/api/v1/budgets': BUDGETS }

describe('findings of the audit on the page of health', () => {
  for (const [name, look] of LOOKS) {
    it(`E-73 HB-139: many findings stand by area, worst first, each with why, fix and documentation: ${name}`, async () => {
      const { page, context, faults } = await stage.open(look, { ...HEALTH, '/api/v1/health': AUDITED }, '/health')
      const areas = page.locator('main section[aria-label] > h3')
      await areas.first().waitFor()
      expect(await areas.allTextContents()).toEqual([
        'Configuration and files 1 critical, 1 high',
        'Secrets 1 high',
        'Policy 1 medium, 1 low',
        'Tools and skills 1 medium',
      ])
      await page.getByText('docs/reference/posture.md#fsowner').waitFor()
      // a sentence is said once and ends once
      expect(await page.getByText('It holds a secret as plain text.').count()).toBe(1)
      expect(await page.getByText('..', { exact: false }).count()).toBe(0)
      expect(await page.getByRole('link', { name: 'Open supply chain' }).getAttribute('href')).toBe('/supply')
      await page.waitForTimeout(300)
      await shot(page, `posture-health-${name}`)
      expect(await axe(page)).toEqual([])
      expect(await fits(page)).toBe(true)
      expect(faults).toEqual([])
      await context.close()
    }, 60_000)
  }
})

describe('budgets on the page of agents', () => {
  for (const [name, look] of LOOKS) {
    it(`HB-135: says what is spent, set aside and left, and who is over: ${name}`, async () => {
      const { page, context, faults } = await stage.open(look, AGENTS, '/agents')
      await page.getByText('31,400 over: further calls are denied').waitFor()
      await page.getByText('used up: further calls are denied').waitFor()
      await page.getByText('1,655,002 of 2,000,000 units spent, 40,000 set aside for calls under way').waitFor()
      await page.getByText('Each new instance of the agent has it anew.').waitFor()
      await page.getByText('support-*, docs-writer').waitFor()
      await page.getByText('Full again 21 Nov, 02:30 UTC.').first().waitFor()
      await shot(page, `budgets-${name}`)
      expect(await axe(page)).toEqual([])
      expect(await fits(page)).toBe(true)
      expect(faults).toEqual([])
      await context.close()
    }, 60_000)
  }

  it('no budget is said to be none, and one that cannot be read is not', async () => {
    const opened = await stage.open({}, { ...EXAMPLE, '/api/v1/budgets': { budgets: [] } }, '/agents')
    await opened.page.getByText('No budget is set').waitFor()
    await shot(opened.page, 'budgets-empty')
    opened.gateway.answer({
      '/api/v1/budgets': () => ({
        status: 503,
        body: { title: 'The store does not answer.', code: 'SP_STORE_UNAVAILABLE', detail: '', next: '' },
      }),
    })
    await opened.page.reload()
    await opened.page.getByText('The budgets could not be loaded.').waitFor({ timeout: 20_000 })
    expect(await opened.page.getByText('No budget is set').count()).toBe(0)
    expect(await axe(opened.page)).toEqual([])
    await shot(opened.page, 'budgets-error')
    await opened.context.close()
  }, 60_000)
})
