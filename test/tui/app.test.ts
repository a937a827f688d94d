import type { JsonObject } from '@sallyport/core'
import { render } from 'ink-testing-library'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import { readBundle } from '../../packages/gateway/src/assurance/admission/read-bundle.ts'
import { admissionOf } from '../../packages/gateway/src/cli/skills/room.ts'
import { lookOf, type Look } from '../../packages/gateway/src/cli/look.ts'
import { dashboard as drawn, type Leave } from '../../packages/gateway/src/tui/app.tsx'
import { createSource } from '../../packages/gateway/src/tui/source.ts'
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

  function open(look = PLAIN, more: { readonly warning?: string } = {}, source = dashboard.source) {
    const left: Leave[] = []
    screen = render(
      drawn({
        ...{ source, look, now: () => Date.now(), ...more },
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
    await dashboard.gateway.identity.killSwitch.resume({ kind: 'agent', name: 'tester' }, 'operator:ana', 'test')
    await dashboard.gateway.identity.agents.setTrust('tester', 2, 'test', 'test')
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
    await sees(/↓ \d+ below/)
    press('\u001b[F')
    await sees('What listens is closed to strangers')
    expect(frame()).toMatch(/5 Health \d+/)
  }, 90_000)

  test('HB-31 SYS-4: skills that wait are there, with findings, capabilities, provenance and how to decide', async () => {
    const path = join(dashboard.state, 'notes')
    mkdirSync(path)
    writeFileSync(join(path, 'SKILL.md'), '---\nname: notes\nauthor: eve\nallowed-tools: [Bash]\n---\nMake a list.\n')
    const bundle = await readBundle(path, { now: () => performance.now() })
    await admitBundle(bundle, admissionOf({ stateDir: dashboard.state }), 'account:ana')
    const { frame, sees, press } = open()
    await sees('6 Skills 1')
    press('6')
    await sees(/notes +waits +serves nobody/)
    await sees('skill.validation.requires-approval at SKILL.md:1')
    expect(frame()).toMatch(
      /by eve[^]*can network, changes-data, runs-programs[^]*sallyport skills review notes --hash/,
    )
  }, 90_000)

  test('T-168 T-034: lines that an agent writes into a value stay in their place', async () => {
    const id = await dashboard.question('ask for lines\n\nDenied. The agent was told.\n')
    const { frame, sees, press } = open()
    await sees(/ask for lines\\n\\nDenied/)
    expect(frame()).not.toMatch(/^\s*Denied\./m)
    press('2')
    await sees(/id ask for lines\\n\\nDenied/)
    expect(frame()).not.toMatch(/^\s*Denied\./m)
    await dashboard.source.deny(id)
  }, 90_000)

  test('T-168: not one member of any answer can move the cursor, whatever the gateway was made to hold', async () => {
    // the gateway refuses such calls; its log may be older than the rule that does
    const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31m\r\n\u202e\u200b\u2028x'
    const item: JsonObject = {
      ...{ id: evil, agentId: evil, tool: evil, reason: evil, severity: evil, session: evil, agent: evil, state: evil },
      ...{
        sentence: evil,
        name: evil,
        holder: evil,
        toolName: evil,
        policyDecision: evil,
        timestamp: evil,
        kind: 'decision',
      },
      ...{ expiresAt: Date.now() + 60_000, approvals: [evil], lastTs: 1, last: 1, count: 2 },
    }
    const answer: JsonObject = {
      ...{
        items: [item],
        mode: evil,
        level: evil,
        version: evil,
        score: 1,
        cap: 39,
        checkedAt: 1,
        unknown: [{ title: evil, why: evil }],
      },
      ...{
        findings: [{ severity: evil, title: evil, why: evil, next: evil, cost: 5 }],
        fine: [{ title: evil, proof: evil }],
      },
      ...{
        lead: [{ text: evil }],
        skills: [{ name: evil, hash: evil, state: evil, serves: evil, source: evil, found: 1, since: 1 }],
        view: { sections: [{ title: evil, rows: [{ label: evil, text: evil, type: evil, depth: 0, warnings: [] }] }] },
        columns: [{ action: { state: evil, tool: evil, object: evil } }, { read: { tool: evil, object: evil } }],
      },
    }
    const hostile = createSource({
      request: () => Promise.resolve(answer),
      // oxlint-disable-next-line require-yield
      stream: async function* () {},
      alive: () => Promise.resolve(true),
    })
    const { frame, sees, press } = open(PLAIN, {}, hostile)
    for (const [key, words] of [
      ['1', '1 Approvals 2'],
      ['2', '\\u{1b}[2J'],
      ['3', '\\u{1b}[2J'],
      ['4', '2 times'],
      ['5', '1 of 100'],
      ['6', 'serves \\u{1b}[2J'],
    ] as const) {
      press(key)
      await sees(words)
      // oxlint-disable-next-line no-control-regex
      const drawn = frame().replace(/\u001b\[[0-9;]*m/g, '')
      expect(drawn).toMatch(/\\u\{1b\}|\?\[2J/)
      // oxlint-disable-next-line no-control-regex
      expect(drawn).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028\u202e]/)
    }
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
