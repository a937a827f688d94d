import { createElement } from 'react'
import { render } from 'ink-testing-library'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { App, type Leave } from '../../packages/gateway/src/tui/app.tsx'
import { lookOf, type Look } from '../../packages/gateway/src/tui/look.ts'
import { columnsOf, countdown, fit } from '../../packages/gateway/src/tui/width.ts'
import { openDashboard, until, type Dashboard } from './stage.ts'

const PLAIN: Look = { color: false, ascii: false }

describe('the dashboard, drawn', () => {
  let dashboard: Dashboard
  let screen: ReturnType<typeof render> | undefined
  beforeAll(async () => {
    dashboard = await openDashboard()
  }, 90_000)
  afterAll(() => dashboard.close())
  afterEach(() => screen?.unmount())

  function open(look = PLAIN, more: { readonly warning?: string } = {}) {
    const left: Leave[] = []
    screen = render(
      createElement(App, {
        ...{ source: dashboard.source, look, now: () => Date.now(), ...more },
        place: { tab: 'approvals', selected: '', said: '' },
        leave: (how) => void left.push(how),
      }),
    )
    const shown = screen
    const frame = (): string => shown.lastFrame() ?? ''
    const sees = (words: string | RegExp) =>
      until(
        () => (typeof words === 'string' ? frame().includes(words) : words.test(frame())),
        () => `${String(words)} is not in\n${frame()}`,
      )
    return { left, frame, sees, press: (keys: string) => shown.stdin.write(keys) }
  }

  test('SYS-4: shows what waits, with the view that a person decides on, and denies it with one key', async () => {
    const id = await dashboard.question('ask to be denied')
    const { frame, sees, press } = open()
    await sees('counter.count')
    await sees('▮▮▯ tester')
    await sees('ask to be denied')
    expect(frame()).toMatch(/1 Approvals 1/)
    expect(frame()).toMatch(/d Deny/)
    press('d')
    await sees('The agent was told.')
    await until(
      async () => (await dashboard.stateOf(id)) === 'denied',
      () => 'it was not denied',
    )
    await sees('Nothing waits for you.')
  }, 90_000)

  test('T-019 T-020: `a` approves nothing: it leaves for the prompt that asks for a PIN', async () => {
    const id = await dashboard.question('ask to be approved')
    const { left, sees, press } = open()
    await sees('ask to be approved')
    press('\r')
    press('y')
    press('a')
    await until(
      () => left.length > 0,
      () => 'it did not leave',
    )
    expect(left).toEqual([{ kind: 'approve', id }])
    expect(await dashboard.stateOf(id)).toBe('pending')
    await dashboard.source.deny(id)
  }, 90_000)

  test('HB-145: `K` asks once more and then stops the agent, and any other key does not', async () => {
    const id = await dashboard.question('ask and stop')
    const { sees, press } = open()
    await sees('ask and stop')
    press('K')
    await sees('Stop tester?')
    press('n')
    await sees('d Deny')
    expect(dashboard.gateway.identity.killSwitch.check('tester').ok).toBe(true)
    press('K')
    await sees('Stop tester?')
    press('y')
    await sees('tester is stopped.')
    expect(dashboard.gateway.identity.killSwitch.check('tester').ok).toBe(false)
    await dashboard.gateway.identity.killSwitch.resume({ kind: 'agent', name: 'tester' }, 'operator:ana', 'a test')
    await dashboard.source.deny(id).catch(() => undefined)
  }, 90_000)

  test('SYS-4 E-74: activity, sessions with their story, alerts and health are there, without the console', async () => {
    const { frame, sees, press } = open()
    await sees('Sallyport')
    press('2')
    await sees('counter.count')
    press('3')
    await sees(/tester .* ran, \d+ asked/)
    press('4')
    await sees(/call|agent|gateway/)
    press('5')
    press('c')
    await sees(/^\d+ of 100/m)
    await sees('Every route refuses a stranger')
    expect(frame()).toMatch(/5 Health \d+/)
  }, 90_000)

  test('T-168 T-034: what agents write cannot move the cursor, forge a line or hide', async () => {
    const evil = 'ask \u001b[2J\u001b]0;owned\u0007 \u202e gnp \r\nDenied. \u200b x'
    const id = await dashboard.question(evil).catch(() => '')
    const { frame, sees } = open()
    if (id !== '') await sees(/u\{1b\}|U\+001B/)
    // oxlint-disable-next-line no-control-regex
    const drawn = frame().replace(/\u001b\[[0-9;]*m/g, '')
    // oxlint-disable-next-line no-control-regex
    expect(drawn).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200b]/)
    if (id !== '') await dashboard.source.deny(id)
  }, 90_000)

  test('console §10: without colour and with ASCII signs everything is still said; no line is wider than the screen', async () => {
    const id = await dashboard.question('ask in plain signs')
    const { frame, sees } = open({ color: false, ascii: true }, { warning: 'An agent may press keys here.' })
    await sees('##- tester')
    await sees('An agent may press keys here.')
    expect(frame()).not.toMatch(/[▮▯✓✗▨─]/)
    for (const line of frame().split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(100)
    await dashboard.source.deny(id)
  }, 90_000)
})

describe('widths', () => {
  test('console §10: by grapheme; wide East Asian signs take two columns', () => {
    expect(columnsOf('añ')).toBe(2)
    expect(columnsOf('日本')).toBe(4)
    expect(columnsOf('👩‍👩‍👧')).toBe(2)
    expect(fit('日本語', 4)).toBe('日… ')
    expect(fit('abc', 5, 'right')).toBe('  abc')
    expect(columnsOf(fit('a'.repeat(50), 7))).toBe(7)
    expect(fit('abc', 0)).toBe('')
  })

  test('time left is minutes and seconds, and never less than none', () => {
    expect([countdown(192_000), countdown(47_400), countdown(-5)]).toEqual(['3:12', '0:48', '0:00'])
  })

  test('a locale that is not UTF-8 gets ASCII signs', () => {
    expect(lookOf({ LANG: 'C' }, { color: true, ascii: false }).ascii).toBe(true)
    expect(lookOf({ LANG: 'en_GB.UTF-8' }, { color: true, ascii: false }).ascii).toBe(false)
    expect(lookOf({ LANG: 'en_GB.UTF-8' }, { color: true, ascii: true }).ascii).toBe(true)
  })
})
