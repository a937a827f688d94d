import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOf, reportedUnits, unitsOf } from './cost.ts'
import { budgetTurn } from './cycle.ts'
import { modelReserve } from './estimate.ts'
import { applyBudget, EMPTY_BUDGET, forfeit, reservedUnits, type BudgetLedger, type BudgetOrder } from './ledger.ts'
import { usageReader } from './usage.ts'

const at = (text: string): number => Date.parse(text)

describe('turns of a cycle', () => {
  it.each([
    ['hour', '2026-11-29T23:59:59.999Z', 'hour:2026-11-29T23', '2026-11-30T00:00:00.000Z'],
    ['hour', '2026-11-30T00:00:00.000Z', 'hour:2026-11-30T00', '2026-11-30T01:00:00.000Z'],
    ['day', '2026-11-29T23:59:59.999Z', 'day:2026-11-29', '2026-11-30T00:00:00.000Z'],
    ['day', '2028-02-29T12:00:00.000Z', 'day:2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['week', '2026-11-29T23:59:59.999Z', 'week:2026-11-23', '2026-11-30T00:00:00.000Z'],
    ['week', '2026-11-30T00:00:00.000Z', 'week:2026-11-30', '2026-12-07T00:00:00.000Z'],
    ['week', '2027-01-01T00:00:00.000Z', 'week:2026-12-28', '2027-01-04T00:00:00.000Z'],
    ['month', '2026-12-31T23:59:59.999Z', 'month:2026-12', '2027-01-01T00:00:00.000Z'],
  ] as const)('HB-135: %s at %s is %s', (cycle, now, key, end) => {
    expect(budgetTurn(cycle, at(now))).toEqual({ key, endsAt: at(end) })
  })

  it('a session has no end by the clock', () => {
    expect(budgetTurn('session', 0)).toEqual({ key: 'session' })
  })
})

const TERMS = { limit: 100, alertAt: 0.8, now: 1_000, lease: 100 }
const run = (orders: readonly BudgetOrder[], ledger: BudgetLedger = EMPTY_BUDGET, terms = TERMS) =>
  orders.reduce(
    (state, order) => {
      const step = applyBudget(state.ledger, order, terms)
      return { ledger: step.ledger, oks: [...state.oks, step.ok], news: [...state.news, ...step.news] }
    },
    { ledger, oks: [] as boolean[], news: [] as string[] },
  )
const reserve = (units: number, by = 'a'): BudgetOrder => ({ kind: 'reserve', by, units })
const settle = (units: number, spent: number, by = 'a'): BudgetOrder => ({ kind: 'settle', by, units, spent })

describe('the ledger', () => {
  it('HB-135 T-161: reservations never get over the limit, whatever the order of things', () => {
    const by = fc.constantFrom('a', 'b', 'c')
    const step = fc.record({
      by,
      units: fc.integer({ min: 1, max: 40 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let ledger = EMPTY_BUDGET
        const open: { by: string; units: number }[] = []
        for (const { by, units, part } of steps) {
          const first = part > 0.5 ? open.shift() : undefined
          if (first !== undefined)
            ledger = applyBudget(ledger, settle(first.units, Math.floor(first.units * part), first.by), TERMS).ledger
          const taken = applyBudget(ledger, reserve(units, by), TERMS)
          if (taken.ok) open.push({ by, units })
          ledger = taken.ledger
          expect(ledger.spent + reservedUnits(ledger)).toBeLessThanOrEqual(TERMS.limit)
          expect(reservedUnits(ledger)).toBe(open.reduce((sum, one) => sum + one.units, 0))
        }
      }),
      { seed: 135, numRuns: 200 },
    )
  })

  it('HB-135: what was given back is free again, what came to more is charged in full, and each is said once', () => {
    const back = run([reserve(100), reserve(1), settle(100, 0), reserve(100)])
    expect(back.oks).toEqual([true, false, true, true])
    expect(back.news).toEqual(['spent'])
    const more = run([reserve(10), settle(10, 500), reserve(1), reserve(1)])
    expect(more.ledger.spent).toBe(500)
    expect(more.oks).toEqual([true, true, false, false])
    expect(more.news).toEqual(['near', 'over', 'spent'])
    expect(run([{ kind: 'reset' }, reserve(100)], more.ledger).oks).toEqual([true, true])
  })

  it('T-161: what a dead gateway had set aside is spent after its lease, never free; a settlement behind it adds nothing twice', () => {
    const { ledger } = run([reserve(60, 'dead'), reserve(20, 'alive')])
    expect(forfeit(ledger, new Set(), 1_099)).toBe(ledger)
    const later = forfeit(ledger, new Set(['alive']), 1_100)
    expect(later).toMatchObject({ spent: 60, holds: [{ by: 'alive', units: 20 }] })
    expect(run([reserve(21, 'new')], later).oks).toEqual([false])
    expect(run([settle(60, 10, 'dead')], later).ledger.spent).toBe(60)
    expect(run([settle(60, 70, 'dead')], later).ledger.spent).toBe(70)
    const renewed = run([{ kind: 'renew', by: 'dead' }], ledger, { ...TERMS, now: 1_050 }).ledger
    expect(forfeit(renewed, new Set(), 1_120).holds.map(({ by }) => by)).toEqual(['dead'])
  })

  it('sums stay numbers that can be written', () => {
    const most = unitsOf(Infinity) ?? 0
    const orders = Array.from({ length: 20 }, () => settle(0, most)).flatMap((one) => [one])
    expect(Number.isSafeInteger(run(orders).ledger.spent)).toBe(true)
  })
})

describe('what a call costs', () => {
  it('HB-135: the first cost that names the tool', () => {
    const costs = [
      { tool: 'search.*', units: 5 },
      { tool: 'llm.complete', reserve: 40, reported: 'usage.total_tokens' },
      { tool: '*', units: 1 },
    ]
    expect(costOf(costs, 'search.web')).toEqual({ units: 5 })
    expect(costOf(costs, 'llm.complete')).toEqual({ units: 40, reported: 'usage.total_tokens' })
    expect(costOf(costs.slice(0, 2), 'files.read')).toBeUndefined()
  })

  it.each([
    ['{"structuredContent":{"usage":{"total_tokens":12.2}}}', 13],
    ['{"usage":{"total_tokens":7}}', 7],
    ['{"usage":{"total_tokens":9},"structuredContent":{"usage":{}}}', undefined],
    ['{"usage":{"total_tokens":0}}', 0],
    ['{"usage":{"total_tokens":-5}}', undefined],
    ['{"usage":{"total_tokens":"5"}}', undefined],
    ['{"usage":{"total_tokens":null}}', undefined],
    ['{"usage":{"total_tokens":NaN}}', undefined],
    ['{"usage":{"total_tokens":1e400}}', 2 ** 50],
    ['{"usage":[]}', undefined],
    ['nothing', undefined],
  ])('HB-135: %s says %s', (text, units) => {
    expect(reportedUnits(text, 'usage.total_tokens')).toBe(units)
  })

  it('names of the prototype are no members', () => {
    expect(reportedUnits('{}', 'constructor.length')).toBeUndefined()
    expect(reportedUnits('{"__proto__":{"a":1}}', 'a')).toBeUndefined()
  })
})

const ANTHROPIC = [
  'event: message_start',
  'data: {"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":25,"cache_read_input_tokens":100,"output_tokens":1}}}',
  '',
  'event: content_block_delta',
  'data: {"type":"content_block_delta","delta":{"text":"\\"usage\\":{\\"output_tokens\\":999999}, usage \\\\"},"usage_of":{"usage":{"output_tokens":5}}}',
  '',
  'event: message_delta',
  'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}',
  '',
  'event: message_stop',
  'data: {"type":"message_stop"}',
  '',
  '',
].join('\n')
const CHAT = [
  'data: {"choices":[{"delta":{"content":"a"}}],"usage":null}',
  '',
  'data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4}}}',
  '',
  'data: [DONE]',
  '',
].join('\r\n')
const RESPONSES =
  'event: response.completed\ndata: {"type":"response.completed","response":{"output":[{"usage":{"total_tokens":9}}],"usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7}}}\n\n'
const JSON_ANSWER =
  '{"id":"m","content":[{"type":"text","text":"{\\"usage\\":{\\"output_tokens\\":1e9}}"},{"usage":{"output_tokens":8}}],"usage":{"input_tokens":4,"output_tokens":6,"server_tool_use":{"web_search_requests":1}}}'

function read(text: string, isStream: boolean, cuts: readonly number[] = []) {
  const bytes = new TextEncoder().encode(text)
  const reader = usageReader(isStream)
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b).filter((one) => one <= bytes.length)) {
    reader.push(bytes.subarray(from, cut))
    from = cut
  }
  reader.push(bytes.subarray(from))
  return reader.end()
}

describe('usage in answers of models', () => {
  const cases = [
    ['a stream of Anthropic', ANTHROPIC, true, 140],
    ['a chat stream of OpenAI', CHAT, true, 17],
    ['a response stream of OpenAI', RESPONSES, true, 7],
    ['an answer in one piece', JSON_ANSWER, false, 10],
  ] as const

  it.each(cases)('HB-135: %s', (_name, text, isStream, tokens) => {
    expect(read(text, isStream)).toEqual({ tokens, isWhole: true })
  })

  it.each(cases)('HB-135: %s, wherever it is cut into chunks', (_name, text, isStream, tokens) => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        expect(read(text, isStream, cuts)).toEqual({ tokens, isWhole: true })
      }),
      { seed: 135, numRuns: 50 },
    )
    const every = Array.from(text, (_, n) => n)
    expect(read(text, isStream, every)).toEqual({ tokens, isWhole: true })
  })

  it('T-161: an answer that breaks off is not whole, wherever', () => {
    for (let end = 0; end < ANTHROPIC.indexOf('{"type":"message_stop"}') + 20; end++)
      expect(read(ANTHROPIC.slice(0, end), true).isWhole).toBe(false)
    for (let end = 0; end < JSON_ANSWER.length; end++)
      expect(read(JSON_ANSWER.slice(0, end), false).isWhole).toBe(false)
  })

  it('nothing, other formats and nonsense say nothing', () => {
    expect(read('', true)).toEqual({ tokens: undefined, isWhole: false })
    expect(read('[{"usage":{"input_tokens":1}}]', false).tokens).toBeUndefined()
    expect(read('{"usage":{"input_tokens":-1,"output_tokens":"5"}}', false).tokens).toBeUndefined()
    expect(read(`{"usage":{"input_tokens":1,"x":"${'y'.repeat(9_000)}"}}`, false).tokens).toBeUndefined()
    expect(read('data: {"usage":\ndata: {"input_tokens":5}}\n', true).tokens).toBeUndefined()
  })
})

describe('what is set aside for a model', () => {
  it('HB-135: the most that it may answer when that is less, and about what it reads', () => {
    const request = (more: object) => JSON.stringify({ messages: [{ content: 'x'.repeat(400) }], ...more })
    expect(modelReserve(request({ max_tokens: 50 }), 8_000)).toBe(150)
    expect(modelReserve(request({ max_tokens: 1e9 }), 8_000)).toBe(8_100)
    expect(modelReserve(request({ max_tokens: 50, max_completion_tokens: 70, n: 3 }), 8_000)).toBe(310)
    expect(modelReserve(request({ max_tokens: -1 }), 8_000)).toBe(8_100)
    expect(modelReserve(undefined, 8_000)).toBe(8_000)
    expect(modelReserve('not JSON', 8_000)).toBe(8_002)
    expect(modelReserve('{"max_tokens":0}', 8_000)).toBe(1)
  })

  it('files are counted as such only where services take them', () => {
    const data = 'A'.repeat(40_000)
    expect(modelReserve(JSON.stringify({ max_tokens: 0, source: { type: 'base64', data } }), 8)).toBeLessThan(2_000)
    expect(modelReserve(JSON.stringify({ max_tokens: 0, content: data }), 8)).toBe(10_000)
    const url = `data:image/png;base64,${data}`
    expect(modelReserve(JSON.stringify({ max_tokens: 0, image_url: { url } }), 8)).toBeLessThan(2_000)
    expect(modelReserve(JSON.stringify({ max_tokens: 0, text: url }), 8)).toBeGreaterThan(10_000)
  })
})
