import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestGateway } from '../e2e/gateway.ts'

describe('`sallyport health`', () => {
  const gateway = new TestGateway()
  beforeAll(() => gateway.start(), 60_000)
  afterAll(() => gateway.close())

  test('SYS-4 AC-7.4.2: says the score, what to mend and how, and what works; the exit code is that of the worst', () => {
    const { code, out, err } = gateway.cli('health', '--check')
    expect(code, err).toBe(1)
    expect(out).toMatch(/^\d+ of 100, checked \d\d:\d\d UTC, held at 69 until the worst is mended$/m)
    expect(out).toMatch(/^high {6}Nobody holds this gateway$/m)
    expect(out).toMatch(/^ {10}sallyport init --claim$/m)
    expect(out).toMatch(/^ok {8}Every route refuses a stranger {2}\d+ routes$/m)
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/\u001b/)
  })

  test('as JSON it is the report of the API', () => {
    const { code, out } = gateway.cli('health', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ cap: 69, findings: expect.any(Array), week: { calls: 0 } })
  })
})
