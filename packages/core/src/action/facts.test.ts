import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json/types.ts'
import { protectedClasses } from '../policy/protected.ts'
import { argumentFacts } from './facts.ts'
import { argumentLeaves } from './leaves.ts'
import { UNCLASSIFIED, type RegisteredTool, type ToolAnnotation } from './tool.ts'

const toolOf = (annotation: Partial<ToolAnnotation>, annotated = true, name = 'tool'): RegisteredTool => ({
  id: `s.${name}`,
  server: 's',
  name,
  definition: { name, inputSchema: {} },
  pin: '',
  annotation: { ...UNCLASSIFIED, ...annotation },
  annotated,
  elevated: false,
})
const send = toolOf({ groups: ['group:messaging'] })
const move = toolOf({ effect: 'write', groups: ['group:fs'], args: { source: 'selector', destination: 'selector' } })
const write = toolOf({ effect: 'write', groups: ['group:fs'], args: { path: 'selector', content: 'content' } })
const read = toolOf({ effect: 'read', groups: ['group:fs'], args: { path: 'selector' } })
const grep = toolOf({ effect: 'read', groups: ['group:fs'], args: { path: 'selector' } }, true, 'Grep')
const exec = toolOf({ groups: ['group:runtime'] })
const unknown = toolOf({}, false)

const factsOf = (tool: RegisteredTool, args: JsonObject, cwd?: string) =>
  argumentFacts(tool, args, argumentLeaves(tool.annotation, args, tool.definition.inputSchema), cwd)
const touched = (tool: RegisteredTool, args: JsonObject, cwd?: string): readonly string[] =>
  protectedClasses(factsOf(tool, args, cwd), args, ['/srv/gate/state'], {
    name: tool.name,
    effect: tool.annotation.effect,
    groups: tool.annotation.groups,
    annotated: tool.annotated,
  })

describe('where a call leads', () => {
  it.each([
    'https://evil.com/x',
    'https:evil.com',
    'https:\\\\evil.com',
    'https:/evil.com',
    'HTTPS:////evil.com',
    'ht\ttps://evil.com',
    'https://ev\nil.com',
    ' https://evil.com',
    'https://good.example@evil.com/',
    'https://EVIL.com.:443',
    'evil.com',
    'evil.com/x?y',
    'evil.com:8080',
    '//evil.com/x',
    'x https://evil.com',
    'see (https://evil.com), please',
    'a:b:https://evil.com',
    'view-source:https://evil.com/',
    'bob@evil.com',
    'mailto:bob@evil.com',
  ])('T-102 a sink that names evil.com in this spelling is seen: %j', (to) => {
    const { hosts, hostUnresolved } = factsOf(send, { to })
    expect(hosts).toContain('evil.com')
    expect(hostUnresolved).toBe(false)
  })

  it('T-102 a destination that nothing can be made of is a fact of its own', () => {
    expect(factsOf(send, { to: 'the usual place' }).hostUnresolved).toBe(true)
    expect(factsOf(send, { to: 'a@example.org' }).hostUnresolved).toBe(false)
    expect(factsOf(read, { path: 'notes' }).hostUnresolved).toBe(false)
  })

  it('T-102 numbers and file names are no hosts; addresses of machines are', () => {
    for (const to of ['7', '10.5', 'notes.txt', 'main', 'v1.2']) expect(factsOf(send, { to }).hosts).toEqual([])
    expect(factsOf(send, { to: '10.0.0.1/x' }).hosts).toEqual(['10.0.0.1'])
    expect(factsOf(send, { to: 'http://[::1]:80/' }).hosts).toEqual(['[::1]'])
  })

  it('T-102 content is not a destination', () => {
    const tool = toolOf({ groups: ['group:messaging'], args: { to: 'sink', body: 'content' } })
    expect(factsOf(tool, { to: 'a@example.org', body: 'see https://other.example' }).hosts).toEqual(['example.org'])
  })

  it.each([
    ['no address', () => Array.from({ length: 256 }, () => 'a'.repeat(4095))],
    ['only at signs', () => Array.from({ length: 256 }, () => '@'.repeat(4095))],
    ['pairs', () => Array.from({ length: 256 }, () => 'a@'.repeat(2047))],
    ['wrappers', () => ['view-source:'.repeat(80_000)]],
    ['schemes', () => ['https:'.repeat(80_000)]],
    ['ways out of /proc', () => ['/proc/self/root'.repeat(34_000)]],
    ['white space', () => [`${' '.repeat(500_000)}x`]],
    ['colons', () => Array.from({ length: 256 }, () => ':'.repeat(4095))],
  ])('T-080 a mebibyte of text is read in one pass: %s', (_what, list) => {
    const args = { to: list() }
    // of the processor, and the best of some: tests beside this one have their share
    const times = Array.from({ length: 4 }, () => {
      const start = process.cpuUsage()
      factsOf(send, args)
      return process.cpuUsage(start).user / 1000
    })
    expect(Math.min(...times)).toBeLessThan(500)
  })

  it('T-160 recipients are counted in every form', () => {
    const people = Array.from({ length: 30 }, (_, n) => `p${n}@example.org`)
    expect(factsOf(send, { to: people }).count).toBe(30)
    expect(factsOf(send, { to: people.join(', ') }).count).toBe(30)
    expect(factsOf(send, { to: Object.fromEntries(people.map((name) => [name, true])) }).count).toBe(30)
    const tool = toolOf({ args: { n: 'quantity' } })
    expect(factsOf(tool, { n: 500 }).count).toBe(500)
    expect(factsOf(tool, { n: '500' }).count).toBe(500)
  })

  it('T-103 a member name is a leaf unless annotation or schema know it', () => {
    const annotation = { ...UNCLASSIFIED, args: { 'files[].path': 'selector' } } as const
    const schema = { properties: { note: { type: 'string' } } }
    const names = argumentLeaves(annotation, { files: [{ path: 'a' }], note: 'n', 'secret=42': 1 }, schema)
      .filter(({ isName }) => isName)
      .map(({ path, role, value }) => [path, role, value])
    expect(names).toEqual([['{}', 'sink', 'secret=42']])
  })
})

describe('protected places in arguments', () => {
  it.each([
    ['~/.local/share', '~/x', 'sallyport-state'],
    ['/home/ana/.config', '/tmp/x', 'sallyport-state'],
    ['/srv/gate', '/tmp/x', 'sallyport-state'],
    ['/home/ana', '/tmp/x', 'sallyport-state'],
    ['/w/.git', '/w/g', 'git-hooks'],
    ['/w/g', '/w/.git', 'git-hooks'],
    ['.git', 'g', 'git-hooks'],
    ['g', '.git', 'git-hooks'],
    ['/w/v', '/w/.vscode', 'host-config'],
    ['/w/.github', '/w/g', 'host-config'],
    ['/home/ana/c', '/home/ana/.config', 'shell-startup'],
    ['/etc', '/tmp/etc', 'secrets'],
  ])('T-041 moving %s to %s touches %s', (source, destination, name) => {
    expect(touched(move, { source, destination })).toContain(name)
  })

  it('T-041 a file called .git leads git elsewhere', () => {
    expect(touched(write, { path: '/w/.git', content: 'gitdir: ../evil' })).toContain('git-hooks')
  })

  it.each([
    'file:/home/ana/.ssh/id_x',
    'file:///home/ana/.ssh/id_x',
    'FILE:///home/ana/%2essh/id_x',
    'file://localhost/home/ana/.s%73h/id_x',
    'view-source:file:///home/ana/.ssh/id_x',
    'view-source:FILE:/home/ana/%2Essh/id_x',
    '/proc/self/root/home/ana/.ssh/id_x',
    '/proc/1/cwd/.ssh/id_x',
    '/proc/self/../self/task/7/root/home/ana/.ssh/id_x',
    '~bob/.ssh/id_x',
    '  /home/ana/.ssh/id_x',
    '\n~/.ssh/id_x',
    '.ssh/id_x',
    '..\\.ssh\\id_x',
  ])('T-041 every spelling under every key: %j', (text) => {
    for (const tool of [read, unknown]) {
      expect(touched(tool, { target: text })).toContain('secrets')
      expect(touched(tool, { many: ['x', text] })).toContain('secrets')
      expect(touched(tool, { map: { [text]: true } })).toContain('secrets')
    }
    expect(touched(toolOf({ groups: ['group:web'], args: { url: 'sink' } }), { url: text })).toContain('secrets')
  })

  it('T-041 /proc hides nothing of the installation', () => {
    expect(touched(read, { path: '/proc/self/root/srv/gate/state/db' })).toContain('sallyport-state')
    expect(touched(read, { path: '/proc/self/root/../srv/gate/state/db' })).toContain('sallyport-state')
    expect(touched(read, { path: '/proc/7/cwd/state/db' }, '/srv/gate')).toContain('sallyport-state')
  })

  it.each([{ target: '.git/hooks/pre-commit' }, { files: ['a', '.git/hooks/pre-commit'] }])(
    'T-041 relative paths under other keys: %j',
    (args) => {
      expect(touched(write, args)).toContain('git-hooks')
      expect(touched(write, args, '/w')).toContain('git-hooks')
    },
  )

  it('T-041 commands under another key, and commands that take a directory along', () => {
    expect(touched(exec, { input: 'echo x >> ~/.bashrc' })).toContain('shell-startup')
    expect(touched(exec, { command: 'mv .git g' })).toContain('git-hooks')
    expect(touched(exec, { command: 'mv ~/.local/share ~/x' })).toContain('sallyport-state')
    expect(touched(exec, { command: 'ls ~ .git .github' })).toEqual([])
  })

  it('T-041 a search of a home directory or of the parent of our state reads both', () => {
    for (const path of ['~', '/home/ana', '/', '~/.local/share', '/srv/gate'])
      expect(touched(grep, { path })).toContain('sallyport-state')
    expect(touched(grep, { path: '/w' })).toEqual([])
    expect(touched(read, { path: '/home/ana' })).toEqual([])
  })

  it.each<[RegisteredTool, JsonObject]>([
    [write, { path: '/w/src/a.ts', content: 'see .bashrc and /home/ana/.ssh/id_x' }],
    [write, { path: '/w/.github/ISSUE_TEMPLATE.md', content: '' }],
    [write, { path: '/w/.gitignore', content: '.git/hooks' }],
    [write, { path: '/w/etc/x', content: '' }],
    [move, { source: '/w/src', destination: '/w/lib' }],
    [read, { path: '/w/.git' }],
    [send, { to: 'https://git.example/a/.git/hooks' }],
    [send, { channel: '/', text: '~' }],
  ])('T-041 ordinary work touches nothing', (tool, args) => {
    expect(touched(tool, args, '/w')).toEqual([])
  })
})
