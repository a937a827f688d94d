import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PostureFinding, PostureFix } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyRepairs, undoRepairs } from './apply.ts'
import { planRepairs } from './plan.ts'

const CONFIG = '# ours\nversion: 1 # of the format\nmode: shadow\nsandbox:\n  mode: off\n'
let [place, root, state]: string[] = []
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sallyport-repair-'))
  root = join(place, 'home')
  state = join(place, 'state')
  mkdirSync(root)
  mkdirSync(state)
})
afterEach(() => rmSync(place ?? '', { recursive: true, force: true }))

const at = (name: string): string => join(root ?? '', name)
const write = (name: string, text = CONFIG, mode = 0o600): string => {
  writeFileSync(at(name), text, { mode })
  chmodSync(at(name), mode)
  return at(name)
}
const found = (fix: PostureFix): PostureFinding => ({
  ...{ id: 'gateway.mode', severity: 'high', subject: 'x', detail: 'It is so.', remediation: 'Change it.', fix },
})
const set = (file: string, path: string, value: string | boolean): PostureFinding =>
  found({ kind: 'set', file, at: path.split('.'), value })
const plan = (...findings: readonly PostureFinding[]) =>
  planRepairs(findings, { roots: [root ?? ''], user: process.geteuid?.() })
const apply = (...findings: readonly PostureFinding[]) => applyRepairs(state ?? '', plan(...findings), new Date())
const text = (name: string): string => readFileSync(at(name), 'utf8')
const modeOf = (name: string): number => lstatSync(at(name)).mode & 0o777

describe('security audit --fix', () => {
  test('ND-7.1.b: plans without writing, writes with a backup, and takes it back byte for byte', () => {
    const file = write('sallyport.yaml', CONFIG, 0o644)
    const findings = [
      set(file, 'mode', 'enforce'),
      found({ kind: 'remove', file, at: ['sandbox', 'mode'] }),
      found({ kind: 'mode', path: file, mode: 0o600 }),
    ]
    const { steps, refused } = plan(...findings)
    expect([steps.map(({ what }) => what), refused]).toEqual([
      ['set mode to "enforce"', 'remove sandbox.mode', 'take rights away: mode 0600'],
      [],
    ])
    expect([text('sallyport.yaml'), modeOf('sallyport.yaml')]).toEqual([CONFIG, 0o644])
    expect(apply(...findings)).toMatchObject({ ok: true, configWritten: [file], errors: [] })
    expect(text('sallyport.yaml')).toBe('# ours\nversion: 1 # of the format\nmode: enforce\n')
    expect(modeOf('sallyport.yaml')).toBe(0o600)
    expect(undoRepairs(state ?? '')?.every(({ result }) => result === 'restored')).toBe(true)
    expect([text('sallyport.yaml'), modeOf('sallyport.yaml')]).toEqual([CONFIG, 0o644])
    expect(undoRepairs(state ?? '')).toBeUndefined()
  })

  test('ND-7.1.b: a second time there is nothing to do', () => {
    const file = write('sallyport.yaml')
    const findings = [set(file, 'mode', 'enforce'), found({ kind: 'mode', path: file, mode: 0o600 })]
    apply(...findings)
    expect(apply(...findings)).toEqual({ ok: true, configWritten: [], changes: [], errors: [] })
  })

  test('ND-7.1.b: rights are taken away and never given', () => {
    write('key', 'x', 0o400)
    expect(plan(found({ kind: 'mode', path: at('key'), mode: 0o644 })).modes).toEqual([])
  })

  test.each<readonly [string, () => string, string]>([
    ['a link', () => (symlinkSync(write('real.yaml'), at('link.yaml')), at('link.yaml')), 'It is a link'],
    ['a file that is not there', () => at('none.yaml'), 'not there'],
    ['a folder behind a link to elsewhere', elsewhere, 'A link leads to it'],
    ['a file outside', outside, 'outside of what was looked at'],
    ['a read-only file', () => write('fixed.yaml', CONFIG, 0o444), 'read-only on purpose'],
    ['a file with another name', () => (linkSync(write('one.yaml'), at('two.yaml')), at('two.yaml')), 'hard links'],
    ['a format nobody knows', () => write('settings.conf'), 'Its format is not known'],
    ['a broken file', () => write('broken.yaml', 'mode: [shadow\n'), 'Flow sequence'],
    [
      'a file that is no text',
      () => (writeFileSync(at('bytes.yaml'), Buffer.from([0xff, 0xfe])), at('bytes.yaml')),
      'not UTF-8',
    ],
  ])('T-047: %s is left alone, and said', (_what, make, why) => {
    const file = make()
    const { steps, refused, files } = plan(set(file, 'mode', 'enforce'))
    expect([steps, files]).toEqual([[], []])
    expect(refused[0]?.why).toContain(why)
    expect(apply(set(file, 'mode', 'enforce'))).toMatchObject({ configWritten: [] })
  })

  test.skipIf(process.geteuid?.() !== 0)('T-047: a file of somebody else is left alone', () => {
    const file = write('theirs.yaml')
    const { refused } = planRepairs([set(file, 'mode', 'enforce')], { roots: [root ?? ''], user: 4711 })
    expect(refused[0]?.why).toContain('belongs to somebody else')
  })

  test('ND-7.1.b: of two repairs that contradict each other the first counts', () => {
    const file = write('sallyport.yaml')
    const { steps, refused } = plan(
      set(file, 'sandbox.mode', 'auto'),
      found({ kind: 'remove', file, at: ['sandbox'] }),
      set(file, 'sandbox.mode', 'auto'),
    )
    expect([steps.length, refused.map(({ why }) => why)]).toEqual([2, ['Another repair changes the same setting.']])
  })

  test('T-047: a file that changes between plan and act keeps what was written to it', () => {
    const file = write('sallyport.yaml')
    const planned = plan(set(file, 'mode', 'enforce'))
    writeFileSync(file, `${CONFIG}# by somebody else\n`)
    const { ok, errors } = applyRepairs(state ?? '', planned, new Date())
    expect([ok, errors[0]]).toEqual([false, expect.stringContaining('changed while the plan was made')])
    expect(text('sallyport.yaml')).toContain('by somebody else')
  })

  test('T-047: a link that takes the place of a file meanwhile is not followed', () => {
    const [secret, file] = [write('secret', 'x', 0o666), write('open', 'x', 0o666)]
    const planned = plan(found({ kind: 'mode', path: file, mode: 0o600 }))
    rmSync(file)
    symlinkSync(secret, file)
    expect(applyRepairs(state ?? '', planned, new Date())).toMatchObject({ ok: false })
    expect(modeOf('secret')).toBe(0o666)
  })

  test('ND-7.1.b: what was changed after the repair is kept when it is taken back', () => {
    const file = write('sallyport.yaml')
    apply(set(file, 'mode', 'enforce'))
    writeFileSync(file, 'version: 1\n')
    expect(undoRepairs(state ?? '')).toEqual([{ path: file, result: 'kept', note: expect.stringContaining('backup') }])
    expect(text('sallyport.yaml')).toBe('version: 1\n')
  })
})

function elsewhere(): string {
  mkdirSync(join(place ?? '', 'other'))
  symlinkSync(join(place ?? '', 'other'), at('.claude'))
  writeFileSync(join(place ?? '', 'other', 'settings.json'), '{}')
  return at('.claude/settings.json')
}

function outside(): string {
  const file = join(place ?? '', 'outside.yaml')
  writeFileSync(file, CONFIG)
  return file
}
