import type { JsonObject } from '@sallyport/core'
import { render } from 'ink-testing-library'
import { afterEach, describe, expect, test } from 'vitest'
import { dashboard as drawn } from '../../packages/gateway/src/tui/app.tsx'
import { createSource } from '../../packages/gateway/src/tui/source.ts'
import { columnsOf, wrap } from '../../packages/gateway/src/tui/width.ts'
import { until } from './stage.ts'

const MANY = Array.from({ length: 40 }, (_, nth) => `no-${nth}.`)
const DOWN = '\u001b[B'
const PAGE_DOWN = '\u001b[6~'
const HOME = '\u001b[H'
const END = '\u001b[F'

/** What a gateway answers that has forty of everything; the pages and how they are drawn are the real ones. */
const ANSWERS: Readonly<Record<string, JsonObject>> = {
  '/api/v1/approvals?state=pending': {
    items: [{ id: 'request', agentId: 'tester', tool: 'counter.count', expiresAt: 9e15, severity: 'low' }],
  },
  '/api/v1/approvals/request': {
    view: { sections: [{ title: 'Call', rows: MANY.map((text) => row(text)) }] },
  },
  '/api/v1/log?newest=true&limit=200': {
    items: MANY.map((auditId) => ({ kind: 'decision', auditId, agentId: auditId, toolName: auditId })),
  },
  '/api/v1/sessions/history?limit=50': { items: MANY.map((agent) => ({ session: agent, agent })) },
  '/api/v1/alerts': { items: MANY.map((id) => ({ id, sentence: id, state: 'open' })) },
  '/api/v1/health': {
    ...{
      score: 85,
      cap: 100,
      findings: MANY.map((title) => ({ severity: 'low', title, next: `mend ${title}`, cost: 1 })),
    },
    ...{ unknown: [{ title: 'one', why: 'because' }], fine: [{ title: 'the last line', proof: 'proved' }] },
  },
  '/api/v1/skills': { skills: MANY.map((name) => ({ name, hash: 'ab', state: 'pending_review' })) },
}
const STORY: JsonObject = {
  lead: [{ text: 'What it did.' }],
  columns: MANY.map((tool) => ({ action: { state: 'allowed', tool, object: 'x' } })),
}

function row(text: string): JsonObject {
  return { label: text, text, type: 'string', depth: 0, warnings: [] }
}

describe('pages longer than the terminal', () => {
  let screen: ReturnType<typeof render> | undefined
  afterEach(() => screen?.unmount())

  function open(rows: number) {
    const source = createSource({
      request: (_method, path) => Promise.resolve(ANSWERS[path] ?? (path.endsWith('/story') ? STORY : { items: [] })),
      // oxlint-disable-next-line require-yield
      stream: async function* () {},
      alive: () => Promise.resolve(true),
    })
    const shown = render(
      drawn({
        ...{ source, look: { color: false, ascii: false }, now: () => Date.now() },
        ...{ place: { tab: 'approvals', selected: '', said: '' }, leave: () => undefined },
      }),
    )
    screen = shown
    Object.assign(shown.stdout, { rows })
    shown.stdout.emit('resize')
    const frame = (): string => shown.lastFrame() ?? ''
    const sees = (words: string | RegExp) =>
      until(
        () => (typeof words === 'string' ? frame().includes(words) : words.test(frame())),
        () => `${String(words)} is not in\n${frame()}`,
      )
    return { frame, sees, press: (keys: string) => shown.stdin.write(keys) }
  }
  const has = (frame: string, what: string): boolean => new RegExp(`${what.replace('.', '\\.')}(?!\\d)`).test(frame)

  test.each([
    ['1', 'J', 'no-0. (string)'],
    ['2', 'j', 'called no-39.'],
    ['3', 'j', '0 ran, 0 asked'],
    ['4', 'j', 'gateway  0 times'],
    ['5', 'j', 'Costs 1.'],
    ['6', 'j', '0 findings'],
  ])(
    'SYS-4 console §10: page %s in 16 rows: `%s` reaches every line, and what is off the screen is counted',
    async (tab, key, first) => {
      const { frame, sees, press } = open(16)
      await sees('1 Approvals 1')
      press(tab)
      // of this page, not of the one before
      await sees(first)
      await sees(/↓ \d+ below/)
      expect(frame()).not.toMatch(/↑ \d+ above/)
      const seen = new Set<string>()
      for (let nth = 0; nth < 130 && seen.size < MANY.length; nth += 1) {
        for (const name of MANY) if (has(frame(), name)) seen.add(name)
        const before = frame()
        press(key)
        await until(
          () => frame() !== before,
          () => frame(),
          1_000,
        ).catch(() => undefined)
      }
      expect(seen).toEqual(new Set(MANY))
      press(END)
      await until(() => /↑ \d+ above/.test(frame()), frame)
      expect(frame().split('\n').length).toBeLessThanOrEqual(15)
      for (const line of frame().split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(100)
    },
    60_000,
  )

  test('SYS-4: the story of a session, page by page and back; one press at the end undoes none', async () => {
    const { sees, press } = open(24)
    await sees('1 Approvals 1')
    press('3')
    await sees('allowed   no-0. x')
    press(PAGE_DOWN)
    await sees(/↑ 16 above {2}↓ \d+ below/)
    press(END)
    await sees('allowed   no-39. x')
    for (const again of [END, PAGE_DOWN, 'J']) press(again)
    press('U')
    await sees('↓ 5 below')
    press(HOME)
    await sees('What it did.')
    press(PAGE_DOWN)
    await sees('above')
    press(DOWN)
    await sees('What it did.')
  }, 60_000)

  test('SYS-4: a terminal that grows shows the rest, and the list of keys scrolls too', async () => {
    const { frame, sees, press } = open(12)
    await sees('1 Approvals 1')
    press('?')
    await sees('1 to 6, Tab')
    expect(frame()).not.toContain('q             quit')
    press(END)
    await sees('q             quit')
    expect(frame()).toMatch(/↑ \d+ above {2}J U/)
    Object.assign(screen!.stdout, { rows: 40 })
    screen!.stdout.emit('resize')
    await sees('1 to 6, Tab')
    expect(frame()).not.toContain('above')
    press('x')
    await sees('d Deny')
  }, 60_000)
})

describe('lines', () => {
  test('break between words, inside one only where it has no room, and lose nothing', () => {
    expect(wrap('Set audit.checkpoint.export to a file', 12)).toEqual([
      'Set',
      'audit.checkp',
      'oint.export',
      'to a file',
    ])
    expect(wrap('one two three', 9, 2)).toEqual(['one two', '  three'])
    expect(wrap('日本語', 4)).toEqual(['日本', '語'])
    expect(wrap('日本', 1)).toEqual(['日', '本'])
    expect(wrap('', 5)).toEqual([''])
    for (const width of [1, 7, 80])
      expect(wrap('a bc  defghijklmnop', width).join('').replaceAll(' ', '')).toBe('abcdefghijklmnop')
  })
})
