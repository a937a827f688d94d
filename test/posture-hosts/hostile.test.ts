import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../packages/gateway/src/hosts/settings-text.ts'
import { machineFiles, type HostFiles } from '../../packages/gateway/src/assurance/posture/hosts/files.ts'
import { HOST_TABLES } from '../../packages/gateway/src/assurance/posture/hosts/table/all.ts'
import { mcpPlaces } from '../../packages/gateway/src/cli/init/places.ts'
import { CLAUDE_EVENTS, machine, ownHooks } from './home.ts'

const SETTINGS = '.claude/settings.json'
const good = { ...ownHooks(CLAUDE_EVENTS, { onFailure: 'block' }) }

describe('files that resist', () => {
  it.each([
    ['is no JSON', '{ "a": '],
    ['is a list', '[]'],
    ['is deep', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['is deep in objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
  ])('T-160: a configuration that %s is a finding, never clean', async (_name, text) => {
    const found = await machine({ [SETTINGS]: text }).findings()
    expect(found).toContainEqual(expect.objectContaining({ id: 'hosts.unreadable', severity: 'high' }))
  })

  it('T-160: bytes that are no UTF-8, 100 MB, a pipe, links in a circle and to nothing, a folder, another account', async () => {
    const at = machine({
      [SETTINGS]: good,
      '.claude/settings.local.json': '{}',
      '.claude.json': '{}',
      '.codex/config.toml': '',
      '.codex/hooks.json': '{}',
    })
    const reasons = async (): Promise<readonly string[]> =>
      (await at.findings()).filter(({ id }) => id === 'hosts.unreadable').map(({ detail }) => detail)
    writeFileSync(join(at.home, '.claude/settings.local.json'), Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
    truncateSync(join(at.home, '.claude.json'), 100_000_000)
    unlinkSync(join(at.home, '.codex/config.toml'))
    execFileSync('mkfifo', [join(at.home, '.codex/config.toml')])
    unlinkSync(join(at.home, '.codex/hooks.json'))
    symlinkSync('hooks.json', join(at.home, '.codex/hooks.json'))
    mkdirSync(join(at.home, '.gemini/settings.json'), { recursive: true })
    mkdirSync(join(at.home, '.copilot'))
    symlinkSync('/gone/away', join(at.home, '.copilot/config.json'))
    expect((await reasons()).toSorted()).toEqual([
      'It could not be checked. It is a folder.',
      'It could not be checked. It is a link to nothing.',
      'It could not be checked. It is larger than 16 MB.',
      'It could not be checked. It is no plain file but a pipe, socket or device.',
      'It could not be checked. It is not UTF-8.',
      'It could not be checked. Its links lead in a circle.',
    ])
  })

  it('T-160: YAML that refers to itself, or grows, is refused', () => {
    expect(() => readSettings('yaml', 'a: &a [*a]')).toThrow('refers to itself')
    const laughs = Array.from(
      { length: 12 },
      (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 9 }, () => `*a${n}`).join(', ')}]`,
    )
    expect(() => readSettings('yaml', `a0: &a0 lol\n${laughs.join('\n')}`)).toThrow('The configuration is not valid.')
    for (const format of ['json5', 'toml', 'yaml'] as const)
      expect(() =>
        readSettings(format, `${format === 'toml' ? 'a = ' : 'a: '}${'['.repeat(30_000)}${']'.repeat(30_000)}`),
      ).toThrow('The configuration is not valid.')
  })

  it('T-160: a key called __proto__ sets nothing that was not written', () => {
    const { value } = readSettings('json', '{"__proto__": {"permissions": {"defaultMode": "bypassPermissions"}}}')
    expect(Object.hasOwn(value as object, 'permissions')).toBe(false)
    expect(({} as Record<string, unknown>)['permissions']).toBeUndefined()
  })

  it('T-041: who else can write a configuration, its folder, the program of a hook, or what a link leads to', async () => {
    const at = machine({ [SETTINGS]: { ...ownHooks(CLAUDE_EVENTS, { onFailure: 'block' }, 'PLACE') } })
    const script = join(at.home, 'hooks', 'gate.sh')
    mkdirSync(join(at.home, 'hooks'))
    writeFileSync(script, '#!/bin/sh\n')
    writeFileSync(
      join(at.home, SETTINGS),
      JSON.stringify({ ...ownHooks(CLAUDE_EVENTS, { onFailure: 'block' }, script) }),
    )
    chmodSync(script, 0o757)
    chmodSync(join(at.home, SETTINGS), 0o660)
    chmodSync(join(at.home, '.claude'), 0o777)
    const elsewhere = join(at.at, 'elsewhere.json')
    writeFileSync(elsewhere, '{}', { mode: 0o600 })
    symlinkSync(elsewhere, join(at.home, '.claude.json'))
    const found = (await at.findings()).filter(({ id }) => id === 'hosts.writable_by_others')
    expect(found.map(({ severity, file }) => `${severity} ${file?.slice(at.at.length)}`)).toEqual([
      'critical /home/hooks/gate.sh',
      'critical /home/.claude',
      'medium /home/.claude.json',
      'medium /home/.claude/settings.json',
    ])
    expect(found[0]?.fix).toEqual({ kind: 'mode', path: script, mode: 0o755 })
    chmodSync(join(at.home, '.claude'), 0o1777)
    expect((await at.findings()).some(({ file }) => file === join(at.home, '.claude'))).toBe(false)
    const files: HostFiles = {
      ...machineFiles,
      look: async (path, read) => ({ ...(await machineFiles.look(path, read)), uid: 4243 }),
    }
    expect(await at.audit({ uid: 4242, files })).toContain(
      'high hosts.writable_by_others Claude Code: ~/.claude/settings.json',
    )
  })

  it('T-041: a folder that is a link, and the folders above', async () => {
    const at = machine({ 'real/settings.json': good, 'project/a.txt': 'x' })
    const elsewhere = join(at.at, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'settings.json'), JSON.stringify(good), { mode: 0o600 })
    symlinkSync(elsewhere, join(at.home, '.claude'))
    chmodSync(at.home, 0o777)
    const found = (await at.findings()).filter(({ id }) => id === 'hosts.writable_by_others')
    expect(found.map(({ severity, file }) => `${severity} ${file?.slice(at.at.length)}`)).toEqual([
      'critical /home',
      'medium /home/.claude',
    ])
  })

  it.each(HOST_TABLES.map(({ id }) => [id]))(
    'T-160: whatever stands in the files of %s, there is an answer',
    async (id) => {
      const table = HOST_TABLES.find((one) => one.id === id)
      const made = machine({})
      const ground = {
        home: made.home,
        project: made.project,
        platform: 'linux',
        environment: {},
        root: join(made.at, 'root'),
      } as const
      const places = table?.places(ground) ?? []
      const words = fc.constantFrom(
        'hooks',
        'PreToolUse',
        'preToolUse',
        'command',
        'permissions',
        'allow',
        'mcpServers',
        'servers',
        'gateway',
        'channels',
        'tools',
        'agents',
        'list',
        '*',
        '$include',
        '__proto__',
        'defaults',
        'rule',
        'projects',
        'sandbox',
      )
      const { tree } = fc.letrec((tie) => ({
        tree: fc.oneof(
          { maxDepth: 5 },
          fc.constantFrom(null, true, false, 0, 'x', '*', '/', 'full', 'off', 'open'),
          fc.array(tie('tree'), { maxLength: 3 }),
          fc.dictionary(words, tie('tree'), { maxKeys: 4 }),
        ),
      }))
      const text = fc.oneof(
        tree.map((value) => JSON.stringify(value)),
        fc.string({ maxLength: 200 }),
        fc.constantFrom(
          '{',
          '[',
          '[a',
          'a = [',
          '{"hooks":{"PreToolUse":[{"hooks":[{"command":7}]}]}}',
          'a: &a [*a]',
          '\0',
        ),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(text, { minLength: places.length, maxLength: places.length }), async (texts) => {
          for (const [index, place] of places.entries()) {
            const path = place.every === undefined ? place.path : join(place.path, `x${place.every}`)
            mkdirSync(dirname(path), { recursive: true })
            writeFileSync(path, texts[index] ?? '')
          }
          const found = await made.findings()
          return found.every(
            ({ id: check, detail, remediation }) =>
              /^(?:hosts|openclaw)\.[a-z_]+$/.test(check) && detail !== '' && remediation !== '',
          )
        }),
        { numRuns: 25 },
      )
    },
  )

  it('SYS-1: on Windows access is not checked, and the report says so', async () => {
    const found = await machine({ [SETTINGS]: good }).findings({ platform: 'win32' })
    expect(found).toEqual([expect.objectContaining({ severity: 'info', id: 'hosts.writable_by_others' })])
  })

  it('HB-138: every file that `init` wraps servers in is one that the audit reads', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const ground = { home: '/h', project: '/p', platform, environment: {}, root: '/r' }
      const known = new Set(
        HOST_TABLES.flatMap((host) => host.places(ground)).flatMap(({ path, servers }) =>
          servers === undefined ? [] : [path],
        ),
      )
      const wrappable = mcpPlaces({ home: '/h', cwd: '/p', platform }).map(({ path }) => path)
      expect(wrappable.filter((path) => !known.has(path))).toEqual([])
    }
  })
})
