import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import JSON5 from 'json5'
import { parse as parseJsonc } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyWithBackup } from './backup.ts'
import { makePlan, type Plan, type Site } from './plan.ts'
import { undo } from './undo.ts'
import { CLAUDE_CODE } from '../../hosts/claude-code.ts'

const fixtures = fileURLToPath(new URL('../../../../../test/hosts/fixtures/', import.meta.url))
const named = (folder: string): [string, Buffer][] =>
  readdirSync(join(fixtures, folder)).map((name) => [name, readFileSync(join(fixtures, folder, name))])

let root = ''
let site: Site
let time = 0

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-init-'))
  site = {
    home: join(root, 'home'),
    cwd: join(root, 'work'),
    platform: 'linux',
    stateDir: join(root, 'state'),
    configPath: join(root, 'config', 'sallyport.yaml'),
    configExists: false,
    preset: 'balanced',
    node: '/usr/bin/node',
    program: '/opt/sallyport/bin/sallyport.js',
    hookEntry: '/opt/sallyport/dist/cli/hook/entry.js',
    curl: '/usr/bin/curl',
    includeProject: false,
    only: [],
    agent: undefined,
  }
  mkdirSync(site.home, { recursive: true })
  mkdirSync(site.cwd, { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (path: string, content: string | Buffer, base = site.home): string => {
  const file = join(base, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}
const apply = (plan: Plan): void =>
  void applyWithBackup(site.stateDir, plan.files, new Date(Date.UTC(2026, 10, 21) + time++))
const install = (): Plan => {
  const plan = makePlan(site)
  apply(plan)
  return plan
}

const formats = [
  { folder: 'json', place: '.cursor/mcp.json', key: ['mcpServers'], read: (text: string): unknown => parseJsonc(text) },
  { folder: 'json', place: '.claude.json', key: ['mcpServers'], read: (text: string): unknown => parseJsonc(text) },
  {
    folder: 'toml',
    place: '.codex/config.toml',
    key: ['mcp_servers'],
    read: (text: string): unknown => parseToml(text),
  },
  {
    folder: 'json5',
    place: '.openclaw/openclaw.json',
    key: ['mcp', 'servers'],
    read: (text: string): unknown => JSON5.parse(text),
  },
]
/** Entries of the fixtures that have no command, an odd one, or are wrapped already: everything else has to be wrapped. */
const NOT_WRAPPED: Readonly<Record<string, readonly string[]>> = {
  'already-wrapped.json': ['files'],
  'entry-not-object.json': ['a', 'c', 'e', 'f'],
  'remote-and-stdio.json': ['docs', 'sse'],
  'inline-table.toml': ['other'],
  'url-only.toml': ['remote'],
  'empty-entry.json5': ['e', 'f'],
  'numbers-as-args.json5': ['a'],
  'remote.json5': ['r'],
}
const bare = (bytes: Buffer): string => bytes.toString('utf8').replace(/^\uFEFF/, '')

describe.each(formats)('$place', ({ folder, place, key, read }) => {
  const dig = (data: unknown): Record<string, { command?: unknown; args?: unknown }> =>
    key.reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name], data) as never

  test.each(named(folder))(
    'T-038: %s: every command is wrapped with absolute paths and nothing else changes',
    (fixture, bytes) => {
      const file = put(place, bytes)
      const plan = install()
      const before = dig(read(bare(bytes)))
      const after = dig(read(bare(readFileSync(file))))
      const skipped = plan.servers.filter(({ alias }) => alias === undefined).map(({ name }) => name)
      expect(skipped).toEqual(NOT_WRAPPED[fixture] ?? [])
      for (const [name, entry] of Object.entries(before ?? {})) {
        const planned = plan.servers.find((server) => server.name === name && server.path.length === key.length + 1)
        if (planned?.alias === undefined) {
          expect(after[name]).toEqual(entry)
          continue
        }
        const args = (after[name]?.args ?? []) as string[]
        expect(after[name]?.command).toBe('/usr/bin/node')
        expect(args.slice(0, 5)).toEqual(['/opt/sallyport/bin/sallyport.js', 'mcp', 'wrap', '--state', site.stateDir])
        const end = args.indexOf('--')
        expect(args.slice(end + 1)).toEqual([entry.command, ...((entry.args ?? []) as string[])])
        expect({ ...after[name], command: 0, args: 0 }).toEqual({ ...entry, command: 0, args: 0 })
      }
      expect(Object.keys(after ?? {})).toEqual(Object.keys(before ?? {}))
    },
  )

  test.each(named(folder))('E-58: %s: undo restores every byte', (_name, bytes) => {
    const file = put(place, bytes)
    install()
    undo(site.stateDir, site, true)
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test.each(named(folder))(
    '%s: a second init changes nothing more, and undo still restores every byte',
    (_name, bytes) => {
      const file = put(place, bytes)
      install()
      const once = readFileSync(file)
      const again = makePlan({ ...site, configExists: true })
      expect(again.files).toEqual([])
      apply(again)
      expect(readFileSync(file).equals(once)).toBe(true)
      undo(site.stateDir, site, true)
      expect(readFileSync(file).equals(bytes)).toBe(true)
    },
  )
})

describe('hooks in Claude Code settings', () => {
  const at = '.claude/settings.json'
  const settings = (): { hooks: Record<string, { matcher?: string; hooks: Record<string, unknown>[] }[]> } =>
    parseJsonc(readFileSync(join(site.home, at), 'utf8')) as never

  test.each(named('settings'))(
    'T-043: %s: gates every tool with a deadline and onFailure, and keeps what was there',
    (_name, bytes) => {
      put(at, bytes)
      const before = (parseJsonc(bytes.toString('utf8')) as { hooks?: Record<string, unknown[]> }).hooks ?? {}
      install()
      const { hooks } = settings()
      for (const event of Object.keys(CLAUDE_CODE.profile.events)) {
        const groups = hooks[event] ?? []
        expect(groups.slice(0, -1)).toEqual(before[event] ?? [])
        const ours = groups.at(-1)
        if (event.includes('Tool')) expect(ours?.matcher).toBe('*')
        expect(ours?.hooks).toHaveLength(1)
        expect(ours?.hooks[0]).toMatchObject({ type: 'command', onFailure: 'block' })
        expect(ours?.hooks[0]).not.toHaveProperty('async')
      }
      expect(hooks['PreToolUse']?.at(-1)?.hooks[0]).toMatchObject({
        timeout: 120,
        command: `/usr/bin/env -i SALLYPORT_HOOK=claude-code /bin/sh ${site.stateDir}/hooks/claude-code-claude-code.sh`,
      })
      expect(String(hooks['PostToolUse']?.at(-1)?.hooks[0]?.['command'])).toMatch(/ observe$/)
      for (const event of Object.keys(before)) expect(hooks[event]).toEqual(expect.arrayContaining(before[event] ?? []))
    },
  )

  test.each(named('settings'))('E-58: %s: undo restores every byte, and removes what was made', (_name, bytes) => {
    const file = put(at, bytes)
    install()
    undo(site.stateDir, site, true)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(existsSync(join(site.stateDir, 'hooks', 'claude-code-claude-code.sh'))).toBe(false)
    expect(existsSync(site.configPath)).toBe(false)
  })

  test.each(named('settings'))(
    '%s: when the file changed since, undo takes out exactly our entries',
    (_name, bytes) => {
      const file = put(at, bytes)
      install()
      const changed = readFileSync(file, 'utf8').replace('{', '{ "addedLater": 1,')
      writeFileSync(file, changed)
      const steps = undo(site.stateDir, site, true)
      expect(steps.find(({ path }) => path === file)?.result).toBe('cleaned')
      const after = readFileSync(file, 'utf8')
      expect(after).not.toContain('SALLYPORT_HOOK')
      const { addedLater, ...rest } = parseJsonc(after) as Record<string, unknown>
      expect(addedLater).toBe(1)
      const original = parseJsonc(bytes.toString('utf8')) as Record<string, unknown>
      expect(withoutEmpty(rest)).toEqual(withoutEmpty(original))
    },
  )

  test('the hook client is written with mode 0700 and holds no secret', () => {
    put(at, '{}')
    install()
    const script = join(site.stateDir, 'hooks', 'claude-code-claude-code.sh')
    expect(statSync(script).mode & 0o777).toBe(0o700)
    expect(readFileSync(script, 'utf8')).not.toContain('Bearer')
  })

  test('without curl the Node client is installed', () => {
    site = { ...site, curl: undefined }
    put(at, '{}')
    install()
    expect(String(settings().hooks['PreToolUse']?.at(-1)?.hooks[0]?.['command'])).toBe(
      `/usr/bin/env -i SALLYPORT_HOOK=claude-code /usr/bin/node --no-warnings /opt/sallyport/dist/cli/hook/entry.js ${site.stateDir}/hooks/claude-code-claude-code.json`,
    )
  })

  test('Codex gets hooks.json, and its user is told to trust them', () => {
    put('.codex/config.toml', '')
    const { notes } = install()
    const file = JSON.parse(readFileSync(join(site.home, '.codex/hooks.json'), 'utf8')) as Record<string, unknown>
    expect(Object.keys(file)).toEqual(['hooks'])
    expect(notes.join('\n')).toMatch(/Codex.*trust/)
    expect(notes.join('\n')).toMatch(/observe-only/)
    undo(site.stateDir, site, true)
    expect(existsSync(join(site.home, '.codex/hooks.json'))).toBe(false)
  })

  test('T-042: a setting that switches hooks off is said in the plan', () => {
    put(at, '{"disableAllHooks":true}')
    expect(makePlan(site).notes.join('\n')).toContain('disableAllHooks')
  })
})

describe('what init leaves alone', () => {
  test('T-041 T-086: files of the project, unless asked', () => {
    const project = put('.mcp.json', '{"mcpServers":{"x":{"command":"x"}}}', site.cwd)
    const plan = install()
    expect(readFileSync(project, 'utf8')).toBe('{"mcpServers":{"x":{"command":"x"}}}')
    expect(plan.notes.join('\n')).toContain('--project')
    site = { ...site, includeProject: true, configExists: true }
    install()
    expect(readFileSync(project, 'utf8')).toContain('sallyport.js')
  })

  test('T-038: a hostile working directory changes nothing that is written', () => {
    put('.cursor/mcp.json', '{"mcpServers":{"x":{"command":"x"}}}')
    const clean = makePlan(site).files.map(({ path, after }) => [path, after])
    put('.bin/sallyport', '#!/bin/sh\n', site.cwd)
    put('node_modules/.bin/sallyport', '#!/bin/sh\n', site.cwd)
    put('.npmrc', 'script-shell=/tmp/evil\n', site.cwd)
    put('sallyport.yaml', 'mode: shadow\n', site.cwd)
    put('.envrc', 'export SALLYPORT_STATE=/tmp/evil\n', site.cwd)
    expect(makePlan(site).files.map(({ path, after }) => [path, after])).toEqual(clean)
  })

  test.each([
    ['broken JSON', '.cursor/mcp.json', '{"mcpServers": {'],
    ['JSON list', '.cursor/mcp.json', '[]'],
    [
      'duplicate key on the path',
      '.cursor/mcp.json',
      '{"mcpServers":{"a":{"command":"a"}},"mcpServers":{"b":{"command":"b"}}}',
    ],
    ['UTF-16', '.cursor/mcp.json', Buffer.from('{"mcpServers":{}}', 'utf16le')],
    ['Latin-1', '.cursor/mcp.json', Buffer.from('{"mcpServers":{"\xe9":{"command":"x"}}}', 'latin1')],
    ['broken TOML', '.codex/config.toml', '[mcp_servers.x\ncommand = "x"'],
    ['broken JSON5', '.openclaw/openclaw.json', '{ mcp: { servers: { a: '],
    [
      'duplicate JSON5 key',
      '.openclaw/openclaw.json',
      '{ mcp: { servers: { a: { command: "a" }, a: { command: "b" } } } }',
    ],
    ['hooks not a list', '.claude/settings.json', '{"hooks":{"PreToolUse":{}}}'],
  ])('a file that cannot be read safely: %s', (_name, path, content) => {
    const file = put(path, content)
    const plan = install()
    expect(readFileSync(file).equals(Buffer.from(content as string))).toBe(true)
    expect(plan.notes.join('\n')).toContain('left alone')
  })

  test('a file that changes between plan and writing is not overwritten, and the rest can be undone', () => {
    const file = put('.cursor/mcp.json', '{"mcpServers":{"x":{"command":"x"}}}')
    const plan = makePlan(site)
    writeFileSync(file, '{"mcpServers":{"y":{"command":"y"}}}')
    expect(() => apply(plan)).toThrowError(/changed while the plan was made/)
    expect(readFileSync(file, 'utf8')).toBe('{"mcpServers":{"y":{"command":"y"}}}')
    undo(site.stateDir, site, true)
    expect(existsSync(site.configPath)).toBe(false)
  })
})

describe('writing', () => {
  test('a link stays a link, its target is edited and restored, and modes are kept', () => {
    const target = put('dotfiles/mcp.json', '{"mcpServers":{"x":{"command":"x"}}}')
    mkdirSync(join(site.home, '.cursor'))
    symlinkSync(target, join(site.home, '.cursor', 'mcp.json'))
    const mode = statSync(target).mode
    install()
    expect(lstatSync(join(site.home, '.cursor', 'mcp.json')).isSymbolicLink()).toBe(true)
    expect(readFileSync(target, 'utf8')).toContain('sallyport.js')
    undo(site.stateDir, site, true)
    expect(readFileSync(target, 'utf8')).toBe('{"mcpServers":{"x":{"command":"x"}}}')
    expect(statSync(target).mode).toBe(mode)
  })

  test('two inits undo to the very first bytes', () => {
    const file = put('.cursor/mcp.json', '{"mcpServers":{"x":{"command":"x"}}}')
    install()
    const between = readFileSync(file, 'utf8').replace('{', '{"more":{},')
    writeFileSync(file, between)
    const second = put('.claude.json', '{"mcpServers":{"z":{"command":"z"}}}')
    site = { ...site, configExists: true }
    install()
    undo(site.stateDir, site, true)
    expect(readFileSync(second, 'utf8')).toBe('{"mcpServers":{"z":{"command":"z"}}}')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ more: {}, mcpServers: { x: { command: 'x', args: [] } } })
    expect(undo(site.stateDir, site, true)).toEqual([])
  })

  test('T-085: two servers of one name and another command get two aliases, one server in two clients one', () => {
    put('.cursor/mcp.json', '{"mcpServers":{"files":{"command":"a"},"git":{"command":"g"}}}')
    put('.claude.json', '{"mcpServers":{"files":{"command":"b"},"git":{"command":"g"}}}')
    const aliases = makePlan(site).servers.map(({ client, name, alias }) => `${client} ${name} ${alias}`)
    expect(aliases.sort()).toEqual([
      'claude-code files files',
      'claude-code git git',
      'cursor files files-cursor',
      'cursor git git',
    ])
  })

  test('every alias has the form that the catalogue takes', () => {
    for (const [, bytes] of named('json')) {
      put('.cursor/mcp.json', bytes)
      for (const { alias } of makePlan(site).servers) {
        if (alias !== undefined) expect(alias).toMatch(/^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*$/)
      }
    }
  })

  test('the new configuration chooses preset:balanced in a commented file', () => {
    install()
    const text = readFileSync(site.configPath, 'utf8')
    expect(text).toMatch(/^version: 1$/m)
    expect(text).toMatch(/^ {2}- preset:balanced$/m)
  })
})

/** Without empty lists and objects, inside out: taking our entries out leaves none of them behind. */
const withoutEmpty = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const)
  return Object.fromEntries(members.filter(([, item]) => !['{}', '[]'].includes(JSON.stringify(item))))
}
