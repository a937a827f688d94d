import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { gatherFiles, syncedBy } from '../../packages/gateway/src/assurance/posture/gather/files.ts'
import { policyPosture } from '../../packages/gateway/src/cli/security/policy-posture.ts'
import { readConfiguration } from '../../packages/gateway/src/cli/security/read-config.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-gather-')))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const directory = (...names: readonly string[]): string => {
  const path = join(place, ...names)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}
const gathered = (stateDir: string, changes: object = {}) =>
  gatherFiles({
    ...{ stateDir, config: undefined, isOwnConfig: true, policies: [], logins: [], home: '/home/ana', uid: 1000 },
    ...changes,
  })

describe('files of the gateway', () => {
  test('ND-7.1.b: what is there is told with its mode and no link is followed; what is not there is left out', () => {
    const state = directory('a', 'state')
    directory('a', 'state', 'keys')
    writeFileSync(join(state, 'keys', 'mac.key'), '', { mode: 0o600 })
    writeFileSync(join(state, 'keys', 'identity.pub'), '', { mode: 0o644 })
    symlinkSync('/etc/passwd', join(state, 'keys', 'link.key'))
    const { files } = gathered(state)
    expect(files.map(({ path, role, isLink }) => [path.slice(state.length), role, isLink])).toEqual([
      ['', 'state', false],
      ['/keys', 'key', false],
      ['/keys/link.key', 'key', true],
      ['/keys/mac.key', 'key', false],
    ])
    expect(gathered(join(place, 'nowhere')).files).toEqual([])
  })

  test('ND-7.1.b: a log behind a closed directory is nobody’s business; one in an open directory is', () => {
    const state = directory('b', 'state')
    writeFileSync(join(state, 'gateway.log'), '')
    expect(gathered(state).files.some(({ role }) => role === 'log')).toBe(false)
    chmodSync(state, 0o755)
    expect(gathered(state).files.some(({ role }) => role === 'log')).toBe(true)
  })

  test('T-016: a directory above that others can write is told', () => {
    const open = directory('c')
    const state = directory('c', 'state')
    expect(gathered(state).unsafePath).toBeUndefined()
    chmodSync(open, 0o777)
    expect(gathered(state).unsafePath).toContain('can be written by others')
  })

  test('T-057: a state directory in a repository is told, a home under version control is none', () => {
    const work = directory('d', 'work')
    directory('d', 'work', '.git')
    const state = directory('d', 'work', 'state')
    expect(gathered(state).inWorkspace).toEqual([{ path: state, workspace: work }])
    expect(gathered(state, { home: work }).inWorkspace).toEqual([])
    const config = join(work, 'sallyport.yaml')
    expect(gathered(join(place, 'x'), { config, isOwnConfig: true }).inWorkspace.at(-1)?.path).toBe(config)
    expect(gathered(join(place, 'x'), { config, isOwnConfig: false }).inWorkspace).toEqual([])
  })

  test.each([
    ['/home/ana/Dropbox/sallyport', 'Dropbox'],
    ['/home/ana/Dropbox (Acme)/x/sallyport', 'Dropbox'],
    ['/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/s', 'iCloud'],
    ['/Users/ana/Library/CloudStorage/x/s', 'a synchronisation service'],
    ['/mnt/c/Users/ana/OneDrive - Acme/s', 'OneDrive'],
    ['/home/ana/Google Drive/s', 'Google Drive'],
    ['/home/ana/Nextcloud/s', 'Nextcloud'],
    ['/home/ana/.local/share/sallyport', undefined],
    ['/home/ana/dropboxes/s', undefined],
    ['/srv/boxing/s', undefined],
  ])('ND-7.1.b: %s is copied by %s', (path, service) => expect(syncedBy(path)).toBe(service))

  test('ND-7.1.b: a folder that carries the mark of a service is one, whatever its name', () => {
    const folder = directory('e', 'things')
    directory('e', '.stfolder')
    expect(syncedBy(join(folder, 'state'))).toBe('Syncthing')
  })
})

describe('policies of a configuration', () => {
  const postureOf = async (policies: readonly string[], files: Readonly<Record<string, string>> = {}) => {
    const cwd = directory(
      `p${Math.abs(JSON.stringify([policies, files]).length)}`,
      policies.join('_').replace(/\W/g, ''),
    )
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
    const accept = 'acknowledgeInsecure: { policies: { reason: for a test, by: ana, expires: 2999-01-01 } }'
    writeFileSync(join(cwd, 'sallyport.yaml'), `version: 1\npolicies: ${JSON.stringify(policies)}\n${accept}\n`)
    return policyPosture(readConfiguration({ configPath: undefined, stateDir: cwd, cwd }, '.'))
  }

  test.each(['minimal', 'locked-down', 'balanced'])(
    'HB-120: preset:%s lets nothing of high risk through',
    async (name) => {
      const { unasked, problem, failing } = await postureOf([`preset:${name}`])
      expect([unasked, problem, failing]).toEqual([[], undefined, []])
    },
  )

  test('HB-120: preset:open lets what cannot be taken back through', async () => {
    const { unasked } = await postureOf(['preset:open'])
    expect(unasked).toContain('changes that cannot be taken back')
  })

  test('ND-7.1.b: rules that are too broad, twice, never reached or without a test are told with their place', async () => {
    const text = [
      '// version: 1.0',
      '@id("t.all")\npermit (principal, action, resource);',
      '@id("t.again")\npermit (principal, action, resource);',
      '@id("t.wall")\nforbid (principal, action in Action::"group:nodes", resource);',
      '@id("t.behind")\npermit (principal, action in Action::"group:nodes", resource);',
    ].join('\n\n')
    const { lint, unasked } = await postureOf(['./team.cedar'], { 'team.cedar': text })
    const of = (rule: string) => lint.filter((one) => one.rule === rule).map(({ id, line }) => `${id}:${line}`)
    expect(of('too-broad')).toEqual(['t.all:3', 't.again:6'])
    expect(of('duplicate')).toEqual(['t.again:6'])
    expect(of('unreachable')).toEqual(['t.behind:12'])
    expect(of('untested')).toHaveLength(4)
    expect(unasked).toHaveLength(3)
  })

  test('AC-5.5.1: what does not load is a problem, not a clean policy', async () => {
    expect((await postureOf(['./bad.cedar'], { 'bad.cedar': 'permit (' })).problem).toContain('bad.cedar')
    await expect(postureOf(['./none.cedar'])).rejects.toMatchObject({ code: 'SP_POLICY_INVALID' })
  })
})
