import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ROOT } from './diagram.ts'

test('AC-7.2.5: the generated reference is what the code says', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(`${stdout}${stderr}`).toBe('')
  expect(status).toBe(0)
})
