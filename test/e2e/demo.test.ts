import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { HIJACKED } from '../../demo/scenario.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('HB-6 HB-11: the demo runs every ordinary call, stops every hijacked one, and finds the tampered log', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'demo/main.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
    timeout: 170_000,
  })
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).not.toContain('✘')
  expect(HIJACKED.filter(({ twin }) => twin !== undefined).length).toBeGreaterThanOrEqual(3)
}, 180_000)
