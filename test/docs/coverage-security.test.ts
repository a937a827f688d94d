import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tasks } from '../../scripts/bootstrap/tasks.mjs'
import { BAR, FOLDERS } from '../../scripts/coverage/security.mjs'
import config from '../../vitest.coverage.config.ts'
import { ROOT } from './diagram.ts'

interface Share {
  readonly covered: number
  readonly total: number
}
const full: Share = { covered: 100, total: 100 }
const summaryOf = (lines: Partial<Record<string, Share>>, branches: Partial<Record<string, Share>> = {}) => ({
  total: { lines: full, branches: full },
  '/w/packages/gateway/src/ingress/a.ts': { lines: { covered: 0, total: 900 }, branches: { covered: 0, total: 900 } },
  ...Object.fromEntries(
    FOLDERS.map((folder) => [
      `/w/packages/gateway/src/${folder}/a/b.ts`,
      { lines: lines[folder] ?? full, branches: branches[folder] ?? full },
    ]),
  ),
})

/** What the command says of a summary. */
function command(summary: unknown, ...words: readonly string[]) {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-coverage-'))
  try {
    const file = join(place, 'summary.json')
    writeFileSync(file, JSON.stringify(summary))
    const [program = '', ...args] = tasks['coverage:security']?.command?.(['--from', file, ...words]) ?? []
    return spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' })
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const exactly: Share = { covered: 90, total: 100 }
const over: Share = { covered: 9001, total: 10_000 }

test.each([
  ['all of them covered', summaryOf({}), 0],
  ['a little more than 90 %', summaryOf({ control: over }, { custody: over }), 0],
  ...FOLDERS.flatMap((folder) => [
    [`90 % of the lines of ${folder}`, summaryOf({ [folder]: exactly }), 1] as const,
    [`90 % of the branches of ${folder}`, summaryOf({}, { [folder]: exactly }), 1] as const,
  ]),
  ['nothing measured', { total: { lines: full, branches: full } }, 1],
] as const)('AC-7.3.5 E-04: each folder by itself has to exceed the bar: %s', (_what, summary, wanted) => {
  expect(command(summary).status).toBe(wanted)
})

test('AC-7.3.5: the table names each folder, the bar, the verdict and the files below it', () => {
  const { stdout } = command(summaryOf({ execution: exactly }))
  expect(stdout).toMatch(/^boundary +100\.00 % +100\.00 % +> 90 % +passed$/m)
  expect(stdout).toMatch(/^execution +90\.00 % +100\.00 % +> 90 % +BELOW$/m)
  expect(stdout).toMatch(/^ +90\.00 % +100\.00 % +packages\/gateway\/src\/execution\/a\/b\.ts$/m)
  expect(stdout).toContain('Threads are not')
})

test('AC-7.3.5: the same as JSON', () => {
  const { stdout, status } = command(summaryOf({ boundary: exactly }), '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    bar: 90,
    passed: false,
    folders: [{ folder: 'boundary', lines: 90, branches: 100, passed: false }, {}, {}, {}],
    low: [{ file: 'packages/gateway/src/boundary/a/b.ts' }],
  })
})

test('AC-7.3.5: the configuration measures all of the four folders, and the bar is 90 %', () => {
  expect(config.test.coverage.include).toEqual(FOLDERS.map((name) => `packages/gateway/src/${name}/**/*.ts`))
  expect(FOLDERS).toEqual(['boundary', 'control', 'execution', 'custody'])
  expect(BAR).toBeGreaterThanOrEqual(90)
})
