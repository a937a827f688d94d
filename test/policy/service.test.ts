import { generateKeyPairSync, sign } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { sha256 } from '@sallyport/core'
import {
  createPolicyService,
  type PolicyAlert,
  type PolicyDeps,
  type PolicyService,
} from '../../packages/gateway/src/control/policy/service.ts'
import { PrepareThread } from '../../packages/gateway/src/control/policy/prepare-thread.ts'
import { createPreparer } from '../../packages/gateway/src/control/policy/preparer.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { folder, memoryEvidence, memoryStore, PRESETS, request, tool } from './fixtures.ts'

const OPEN: PolicyService[] = []
afterEach(async () => {
  for (const service of OPEN.splice(0)) await service.close()
})

const TOOLS = [
  tool('fs.read', { effect: 'read', groups: ['group:fs'] }, { path: { type: 'string' } }, ['path']),
  tool('mail.send', { effect: 'external' }, { to: { type: 'string' } }, ['to']),
]
const V1 =
  '// version: 1.9\n@id("read") permit (principal, action in Action::"read", resource);\n@id("guard") forbid (principal, action, resource) when { context.args has path && context.args.path like "/etc/*" };\n'
const bump = (text: string, version: string): string => text.replace(/version: [0-9.]+/, `version: ${version}`)
const WIDER = `${bump(V1, '1.10')}@id("mail") permit (principal, action == Action::"mail.send", resource);\n`

interface Rig {
  readonly dir: string
  readonly service: PolicyService
  readonly alerts: PolicyAlert[]
  readonly store: Store
  readonly evidence: ReturnType<typeof memoryEvidence>
  now: number
  write(text: string, name?: string): void
}
async function rig(
  files: Readonly<Record<string, string>>,
  { thread = false, cacheDir, ...deps }: Partial<PolicyDeps> & { thread?: boolean; cacheDir?: string } = {},
  existing?: { dir: string; store: Store },
): Promise<Rig> {
  const dir = existing?.dir ?? folder(files)
  const store = existing?.store ?? memoryStore()
  const alerts: PolicyAlert[] = []
  const evidence = memoryEvidence()
  const state = { now: 1_750_000_000_000 }
  const preparer = createPreparer({
    cacheDir,
    macKey: new Uint8Array(32).fill(7),
    ...(thread ? { thread: new PrepareThread() } : {}),
    monotonic: () => performance.now(),
    onTampered: (detail) => void alerts.push({ severity: 'high', title: 'tampered', detail }),
  })
  const service = createPolicyService({
    sources: ['.'],
    baseDir: dir,
    presetsDir: PRESETS,
    preparer,
    store,
    evidence,
    clock: { now: () => state.now++, monotonic: () => performance.now() },
    random: systemRandom,
    alert: (alert) => void alerts.push(alert),
    ...deps,
  })
  OPEN.push(service)
  await service.setTools(TOOLS)
  return {
    dir,
    service,
    alerts,
    store,
    evidence,
    ...state,
    write: (text, name = 'team.cedar') => writeFileSync(join(dir, name), text),
  }
}
const read = request('fs.read', { args: { path: '/work/a' }, tool: { effect: 'read' } })
const etc = request('fs.read', { args: { path: '/etc/passwd' } })
const mail = request('mail.send', { args: { to: 'a@example.org' } })

describe('loading and reloading', () => {
  it('AC-7.2.1 E-52: before the first load everything is denied', async () => {
    const { service } = await rig({ 'team.cedar': V1 })
    expect(service.evaluate(read)).toMatchObject({ outcome: 'deny' })
    await service.load()
    expect(service.evaluate(read)).toMatchObject({ outcome: 'allow', determining: ['read'], version: 'team@1.9' })
    expect(service.evaluate(etc)).toMatchObject({ outcome: 'deny', determining: ['guard'] })
  })

  it('E-52: a policy that cannot be read at the first start is an error, not an open door', async () => {
    const { service } = await rig({ 'team.cedar': 'permit (principal, action resource);' })
    await expect(service.load()).rejects.toMatchObject({ code: 'SP_POLICY_INVALID' })
    expect(service.evaluate(read)).toMatchObject({ outcome: 'deny' })
  })

  it('AC-5.1.3: an edited file is in force within two seconds, without a restart', async () => {
    const r = await rig({ 'team.cedar': V1 }, { thread: true })
    await r.service.load()
    await r.service.watch()
    const started = performance.now()
    r.write(WIDER)
    while (r.service.evaluate(mail).outcome !== 'allow' && performance.now() - started < 10_000)
      await new Promise((done) => setTimeout(done, 20))
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'allow', version: 'team@1.10' })
    // Two seconds is the promise; this machine is shared, and the thread starts from sources here.
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('AC-5.1.3 E-54: a change without a higher version is refused and recorded; 1.10 is above 1.9', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    for (const version of ['1.9', '1.8', '1.1', '0.10']) {
      r.write(bump(WIDER, version))
      const report = await r.service.reload()
      expect(report).toMatchObject({ outcome: 'refused', error: { code: 'SP_POLICY_INVALID' } })
      expect(report.error?.message).toContain(`its version ${version} is not above 1.9`)
    }
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'deny', version: 'team@1.9' })
    expect(
      r.evidence.records.filter((record) => record['kind'] === 'policy' && record['valid'] === false),
    ).toHaveLength(4)
    r.write(WIDER)
    expect(await r.service.reload()).toMatchObject({
      outcome: 'loaded',
      change: { previousVersion: 'team@1.9', newVersion: 'team@1.10' },
    })
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'allow' })
  })

  it('AC-5.4.1: a broken file leaves the policy in force, names the place, and is recorded once', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    r.write(bump(V1, '2.0').replace('context.args has path', 'context.arg has path'))
    const report = await r.service.reload()
    expect(report.error?.message).toMatch(/team\.cedar:3:\d+ .*arg/)
    expect(await r.service.reload()).toMatchObject({ outcome: 'unchanged' })
    expect(r.service.evaluate(etc)).toMatchObject({ outcome: 'deny', determining: ['guard'] })
    expect((await r.service.history({ valid: false })).map(({ error }) => error)).toEqual([
      expect.stringContaining('team.cedar:3:'),
    ])
  })

  it('AC-5.5.2 AC-5.5.3: a red test beside the policy refuses the change', async () => {
    const tests =
      'name: t\npolicyFile: team.cedar\ntools: { fs.read: { effect: read } }\ntests:\n  - { name: etc stays closed, toolCall: { name: fs.read, arguments: { path: /etc/passwd } }, expected: { allowed: false } }\n'
    const r = await rig({ 'team.cedar': V1, 'team.test.yaml': tests })
    await r.service.load()
    r.write(bump(V1, '2.0').replace('/etc/*', '/root/*'))
    expect(await r.service.reload()).toMatchObject({ outcome: 'refused', error: { code: 'SP_POLICY_TEST_FAILED' } })
    expect(r.service.evaluate(etc)).toMatchObject({ outcome: 'deny' })
  })

  it('T-049: a file that is being written never takes a guard away', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    await r.service.watch()
    const text = bump(V1, '3.0')
    const path = join(r.dir, 'team.cedar')
    for (let round = 0; round < 3; round++) {
      const whole = Buffer.from(bump(text, `3.${round}`))
      truncateSync(path)
      const handle = openSync(path, 'w')
      for (let at = 0; at < whole.length; at += 20) {
        writeSync(handle, whole.subarray(at, at + 20))
        await new Promise((done) => setTimeout(done, 15))
        expect(r.service.evaluate(etc).outcome).toBe('deny')
      }
      closeSync(handle)
      const started = performance.now()
      while (r.service.current().version !== `team@3.${round}` && performance.now() - started < 8000)
        await new Promise((done) => setTimeout(done, 20))
      expect(r.service.current().version).toBe(`team@3.${round}`)
    }
    expect((await r.service.history({ valid: false })).length).toBe(0)
  }, 60_000)

  it('T-049: symlinks, deletions and swapped folders do not leave a policy-free moment', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    renameSync(join(r.dir, 'team.cedar'), join(r.dir, 'gone.txt'))
    const report = await r.service.reload()
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'deny' })
    expect(['refused', 'loaded']).toContain(report.outcome)
    rmSync(r.dir, { recursive: true })
    expect(await r.service.reload()).toMatchObject({ outcome: 'refused' })
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'deny' })
  })

  it('SEC-5.1: in-flight snapshots keep their version: a decision carries what it was made by', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    const before = r.service.evaluate(read)
    r.write(WIDER)
    await r.service.reload()
    expect(before.version).toBe('team@1.9')
    expect(r.service.evaluate(read).bundle).not.toBe(before.bundle)
  })

  it('E-18: a tool that is registered later is decided from then on, and digest and version stay', async () => {
    const r = await rig({ 'team.cedar': WIDER })
    await r.service.load()
    const { bundle } = r.service.current()
    const list = request('fs.list', { args: {} })
    expect(r.service.evaluate(list)).toMatchObject({ outcome: 'deny' })
    await r.service.setTools([...TOOLS, tool('fs.list', { effect: 'read' })])
    expect(r.service.evaluate(list)).toMatchObject({ outcome: 'allow' })
    expect(r.service.current().bundle).toBe(bundle)
  })

  it('SEC-5.1: a bucket with a construct of stock Cedar is served, listed, and still denied on error', async () => {
    const r = await rig({
      'team.cedar': `${V1}@id("net") forbid (principal, action == Action::"mail.send", resource) when { ip("10.0.0.1").isLoopback() };\n@id("mail") permit (principal, action == Action::"mail.send", resource);`,
    })
    await r.service.load()
    expect(Object.keys(r.service.describe().stockEngine)).toEqual(['mail.send'])
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'allow', determining: ['mail'] })
    expect(r.service.evaluate(request('mail.send', { args: { to: 5 } }))).toMatchObject({
      outcome: 'deny',
      code: 'SP_POLICY_ERROR',
    })
  })
})

describe('history', () => {
  it('AC-5.4.1 AC-5.4.2 ND-5.4.a: every load has a diff, an author and a time with zone', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    r.write(
      bump(V1.replace('/etc/*', '/etc/x*'), '2.0') +
        '@id("mail") permit (principal, action == Action::"mail.send", resource);',
    )
    await r.service.reload()
    const [latest, first] = await r.service.history()
    expect(latest).toMatchObject({
      action: 'reload',
      source: 'file',
      actor: 'unknown',
      previousVersion: 'team@1.9',
      newVersion: 'team@2.0',
      valid: true,
      diff: { rulesAdded: ['mail'], rulesRemoved: [], rulesModified: ['guard'] },
      widening: ['guard: a forbid that is changed', 'mail: a new permit'],
    })
    expect(latest?.diff.detailedChanges[0]).toMatchObject({ rule: 'guard', field: 'conditions' })
    expect(latest?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(first).toMatchObject({ action: 'load', number: 1 })
    expect(r.evidence.records.filter(({ kind }) => kind === 'policy')).toHaveLength(2)
    expect(r.alerts).toMatchObject([{ severity: 'high' }])
  })

  it('E-58: a signed file has an author; a wrong signature has none', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
    const signature = (text: string): string =>
      sign(null, Buffer.from(`sallyport/policy/1\n${sha256(text)}`), privateKey).toString('base64')
    const r = await rig({ 'team.cedar': V1 }, { signers: { ana: pem } })
    await r.service.load()
    r.write(WIDER)
    r.write(signature(WIDER), 'team.cedar.sig')
    expect(await r.service.reload()).toMatchObject({ change: { actor: 'signer:ana' } })
    expect(r.alerts).toEqual([])
    r.write(bump(WIDER, '4.0'))
    expect(await r.service.reload()).toMatchObject({ change: { actor: 'unknown' } })
    expect(r.alerts).toMatchObject([{ severity: 'medium' }])
  })

  it('T-049: with an account of its own, a widening change of another hand waits for an operator', async () => {
    const r = await rig({ 'team.cedar': V1 }, { dedicatedUser: true })
    await r.service.load()
    chmodSync(join(r.dir, 'team.cedar'), 0o666)
    r.write(WIDER)
    expect(await r.service.reload()).toMatchObject({ outcome: 'staged', error: { code: 'SP_POLICY_STAGED' } })
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'deny', version: 'team@1.9' })
    const staged = await r.service.staged()
    expect(staged?.widening).toEqual(['mail: a new permit'])
    await expect(r.service.accept('0'.repeat(64), { source: 'api', actor: 'operator:ana' })).rejects.toMatchObject({
      code: 'SP_POLICY_INVALID',
    })
    r.write('permit (principal, action, resource);')
    await r.service.accept(staged?.digest ?? '', { source: 'api', actor: 'operator:ana' })
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'allow', determining: ['mail'], version: 'team@1.10' })
    expect((await r.service.history())[0]).toMatchObject({ action: 'update', source: 'api', actor: 'operator:ana' })
    expect(await r.service.staged()).toBeUndefined()
  })

  it('T-049: narrowing from another hand and widening by the own account load at once', async () => {
    const r = await rig({ 'team.cedar': V1 }, { dedicatedUser: true })
    await r.service.load()
    r.write(WIDER)
    expect(await r.service.reload()).toMatchObject({ outcome: 'loaded' })
    chmodSync(join(r.dir, 'team.cedar'), 0o666)
    r.write(bump(WIDER, '2.0') + '@id("no") forbid (principal, action, resource);')
    expect(await r.service.reload()).toMatchObject({ outcome: 'loaded', change: { widening: [] } })
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'deny', determining: ['no'] })
  })

  it('AC-5.4.3 ND-5.4.a: revert goes back, is recorded, and the same file does not undo it', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    r.write(WIDER)
    await r.service.reload()
    expect(await r.service.revert(1, { source: 'cli', actor: 'operator:ana' })).toMatchObject({
      outcome: 'loaded',
      change: { action: 'revert', newVersion: 'team@1.9' },
    })
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'deny' })
    expect(await r.service.reload()).toMatchObject({ outcome: 'unchanged' })
    expect(r.service.evaluate(mail)).toMatchObject({ outcome: 'deny' })
    await expect(r.service.revert(99, { source: 'cli', actor: 'x' })).rejects.toMatchObject({
      code: 'SP_POLICY_UNKNOWN',
    })
    r.write(bump(WIDER, '1.11'))
    expect(await r.service.reload()).toMatchObject({ outcome: 'loaded' })
  })

  it('E-61: history is kept for its retention and filters by author and time', async () => {
    const r = await rig({ 'team.cedar': V1 }, { retentionMs: 5 })
    await r.service.load()
    r.write(WIDER)
    await r.service.reload()
    expect(await r.service.history({ actor: 'nobody' })).toEqual([])
    expect(await r.service.history({ action: 'reload' })).toHaveLength(1)
    for (let i = 0; i < 10; i++) await r.service.history()
    expect((await r.service.history()).map(({ newVersion }) => newVersion)).toEqual(['team@1.10'])
  })

  it('AC-5.4.1: after a restart with a bad file the last policy stays in force', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    await r.service.close()
    r.write('permit (principal, action, resource')
    const again = await rig({}, {}, r)
    expect(await again.service.load()).toMatchObject({ outcome: 'refused' })
    expect(again.service.evaluate(read)).toMatchObject({ outcome: 'allow', version: 'team@1.9' })
    expect(again.service.evaluate(etc)).toMatchObject({ outcome: 'deny', determining: ['guard'] })
  })

  it('T-049: an older version put back while the gateway was down is refused', async () => {
    const r = await rig({ 'team.cedar': WIDER.replace('@id("mail") permit', '@id("mail") forbid') })
    await r.service.load()
    await r.service.close()
    r.write(V1)
    const again = await rig({}, {}, r)
    expect(await again.service.load()).toMatchObject({ outcome: 'refused' })
    expect(again.service.current().version).toBe('team@1.10')
  })

  it('AC-5.1.3: another gateway on the same store takes the change over', async () => {
    const r = await rig({ 'team.cedar': V1 })
    await r.service.load()
    const other = await rig({}, {}, { dir: folder({ 'team.cedar': V1 }), store: r.store })
    await other.service.load()
    r.write(WIDER)
    await r.service.reload()
    const started = performance.now()
    while (other.service.evaluate(mail).outcome !== 'allow' && performance.now() - started < 5000)
      await new Promise((done) => setTimeout(done, 20))
    expect(other.service.evaluate(mail)).toMatchObject({ outcome: 'allow', version: 'team@1.10' })
  })
})

describe('cache', () => {
  it('T-040: a cached policy is used only when this gateway wrote it', async () => {
    const cacheDir = folder({})
    const first = await rig({ 'team.cedar': V1 }, { cacheDir })
    await first.service.load()
    await first.service.close()
    const [name] = readdirSync(cacheDir)
    expect(name).toMatch(/^policy-[0-9a-f]{64}\.json$/)
    const path = join(cacheDir, name ?? '')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll('/etc/', '/xxx/').replaceAll('"Literal":"e"', '"Literal":"x"'))
    const second = await rig({}, { cacheDir }, { dir: first.dir, store: memoryStore() })
    await second.service.load()
    expect(second.service.evaluate(etc)).toMatchObject({ outcome: 'deny', determining: ['guard'] })
    expect(second.alerts).toContainEqual({ severity: 'high', title: 'tampered', detail: path })
    expect(existsSync(path)).toBe(true)
  })
})
