import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasSandbox } from '../sandbox/machine.ts'
import { ATTEMPTS as ALL, type Attempt, type Effect, type Level } from './attempts.ts'
import { openStage, type Answer, type Stage } from './stage.ts'

const isRoot = process.getuid?.() === 0
if (!isRoot)
  process.stderr.write('NOT VERIFIED: an agent under an account of its own (L2), because only root can be two.\n')

const has = (program: string): boolean => spawnSync(program, ['-V']).status === 0
const ATTEMPTS = ALL.filter(({ needs }) => needs === undefined || has(needs))
for (const { row, what, needs } of ALL)
  if (needs !== undefined && !has(needs))
    process.stderr.write(`NOT VERIFIED: ${row}: ${what}, because there is no ${needs}.\n`)

let stage: Stage
/** What came of it, by level and attempt. */
const came = new Map<string, readonly Effect[]>()

beforeAll(async () => {
  stage = await openStage()
}, 60_000)
afterAll(async () => {
  await stage?.close()
  process.stderr.write(tableOf(came))
})

async function tryOut(level: Level, attempt: Attempt): Promise<Answer> {
  const answer = await stage.attempt(level, attempt.run)
  came.set(`${level} ${attempt.what}`, answer.effects)
  return answer
}

/** Everything at one level that confines: nothing may come of it, and each time for the reason that the table gives. */
async function tryAll(level: 'L1' | 'L2'): Promise<void> {
  const wrong: unknown[] = []
  for (const attempt of ATTEMPTS) {
    const { out, effects } = await tryOut(level, attempt)
    const says = attempt.says?.[level]
    if (effects.length > 0 || !says?.test(out)) wrong.push({ what: attempt.what, effects, says, out })
  }
  expect(wrong).toEqual([])
}

const told = async (path: string): Promise<string> => JSON.stringify((await stage.operator('GET', path)).body)

/** What the operator finds after attempts that succeed where nothing can prevent them. */
const AFTERWARDS: Readonly<Record<string, () => Promise<void>>> = {
  'write “approved” and a grant into the store': async () => {
    expect(await told('/api/v1/alerts')).toContain('store-tampered')
  },
  'take the last records out of the log': async () => {
    expect((await stage.sallyport('log', 'verify')).code).not.toBe(0)
  },
  'guess the PIN until it pauses': async () => {
    expect(await told('/api/v1/alerts')).toContain('presence.refused')
    expect((await stage.operator('POST', `/api/v1/approvals/${stage.ids.held}/deny`, { reason: 'no' })).status).toBe(
      200,
    )
  },
  'edit the policy file, and call the tool that it held back': async () => {
    expect(await told('/api/v1/alerts')).toContain('nobody knows whom')
  },
  'remove the gateway’s files': async () => {
    const { code, out } = await stage.sallyport('up')
    expect(code, out).not.toBe(0)
  },
}

describe('an agent with a shell that wants to approve itself', () => {
  test
    .skipIf(!hasSandbox)
    .concurrent('T-001: confined (L1), none of its attempts succeeds', () => tryAll('L1'), 120_000)

  test
    .skipIf(!isRoot)
    .concurrent(
      'T-001: under another account than the gateway (L2), none of its attempts succeeds',
      () => tryAll('L2'),
      120_000,
    )

  test('the product says that an agent beside it may approve itself (L0)', async () => {
    expect(await told('/api/v1/health')).toContain('isolation.advisory')
    expect((await stage.sallyport('doctor')).out).toMatch(/L0: [^]*Advisory/)
  })

  test.each(ATTEMPTS.map((attempt) => [attempt.row, attempt.what, attempt] as const))(
    '%s: beside the gateway (L0): %s',
    { retry: 0 },
    async (_row, what, attempt) => {
      const { out, effects } = await tryOut('L0', attempt)
      expect(effects, out).toEqual(attempt.atL0)
      const says = attempt.says?.L0
      if (attempt.atL0.length === 0) expect(out).toMatch(says ?? /^$/)
      await AFTERWARDS[what]?.()
    },
  )
})

function tableOf(results: ReadonlyMap<string, readonly Effect[]>): string {
  const cell = (level: Level, what: string): string => {
    const effects = results.get(`${level} ${what}`)
    return (effects === undefined ? 'not verified' : effects.length === 0 ? 'refused' : effects.join(', ')).padEnd(14)
  }
  const lines = ATTEMPTS.map(({ row, what }) =>
    [row.padEnd(12), cell('L0', what), cell('L1', what), cell('L2', what), what].join('  '),
  )
  return `\nAttempts to approve oneself\n${'row'.padEnd(14)}${'L0'.padEnd(16)}${'L1'.padEnd(16)}L2\n${lines.join('\n')}\n`
}
