import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { SallyportError } from '@sallyport/core'
import { writeBaseline } from '../../packages/gateway/src/assurance/scan/code/baseline.ts'
import { createReadSource } from '../../packages/gateway/src/assurance/scan/code/read/read-source.ts'
import { createCodeScanner } from '../../packages/gateway/src/assurance/scan/code/scan-code.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { composeCodeGate } from '../../packages/gateway/src/code-gate.ts'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { registeredTool } from '../../packages/gateway/src/control/catalogue/registry.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-code-baseline-')))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const BAD = 'import os, sys\nos.system("rm " + sys.argv[1])\n'
const tool = registeredTool({
  server: 'box',
  definition: { name: 'write_file', inputSchema: { type: 'object' } },
  pin: 'pin',
  annotation: { effect: 'write', groups: ['group:fs'], args: {}, irreversible: false, persist: false },
  elevated: false,
})

async function isHeld(baseline: string): Promise<boolean> {
  const text = JSON.stringify({ version: 1, content: { code: { 'group:fs': { baseline } } } })
  const file = join(place, 'sallyport.yaml')
  const loaded = parseConfig(text, file, { env: {}, stateDir: join(place, 'state'), now: Date.now() })
  const { code, close } = composeCodeGate(loaded, systemClock, (why) => expect(why).toBeUndefined())
  try {
    const call = { cwd: join(place, 'work'), agent: 'coder', enforcement: 'host' } as const
    return (await code.look(tool, { path: 'a.py', content: BAD }, call))?.hold !== undefined
  } finally {
    close()
  }
}

it('HB-107: a baseline of `scan code` beside the work accepts what it says why it accepts', async () => {
  mkdirSync(join(place, 'work'))
  const scan = createCodeScanner(await createReadSource({ now: () => performance.now() }))
  const made = writeBaseline([{ path: 'a.py', text: BAD, findings: scan(BAD, 'python').findings }])
  const write = (extra: object): void =>
    writeFileSync(
      join(place, 'work', 'accepted.json'),
      JSON.stringify({ ...made, findings: made.findings.map((one) => ({ ...one, ...extra })) }),
    )
  write({})
  expect(await isHeld('work/accepted.json')).toBe(true)
  write({ reason: 'run by operators alone', by: 'ana' })
  expect(await isHeld('work/accepted.json')).toBe(false)
  write({ reason: 'run by operators alone', by: 'ana', expires: '2020-01-31' })
  expect(await isHeld('work/accepted.json')).toBe(true)
})

it('HB-107: a baseline that is not there or is none stops the start', async () => {
  writeFileSync(join(place, 'none.json'), '{}')
  for (const file of ['gone.json', 'none.json'])
    await expect(isHeld(file)).rejects.toMatchObject({ code: 'SP_SCAN_BASELINE' } satisfies Partial<SallyportError>)
})
