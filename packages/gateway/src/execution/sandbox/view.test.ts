import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SANDBOX_PROFILES, type SandboxProfile } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findProgram, namedIn, packageOf } from './program.ts'
import { watchObeyed } from './set-aside.ts'
import { copyOf, viewOf, type Shown } from './view.ts'
import { mayShow, requireWorkspace } from './workspace.ts'

const { work } = SANDBOX_PROFILES
if (work === undefined) throw new Error('no profile')
const profile: SandboxProfile = { ...work, network: 'none', readable: [] }

let place = ''
beforeEach(() => void (place = realpathSync(mkdtempSync(join(tmpdir(), 'sp-walls-')))))
afterEach(() => {
  rmSync(place, { recursive: true, force: true })
})
const at = (name: string): string => join(place, name)
function put(name: string, text = 'x', mode = 0o644): string {
  mkdirSync(dirname(at(name)), { recursive: true })
  writeFileSync(at(name), text, { mode })
  return at(name)
}

describe('T-041: what a sandbox shows of a workspace', () => {
  const shown = (): readonly Shown[] =>
    viewOf(profile, { workspace: place }).shown.filter(({ path }) => path.startsWith(`${place}/`))
  const fixed = (): readonly string[] =>
    shown()
      .filter(({ writable }) => !writable)
      .map(({ path }) => path.slice(place.length + 1))

  it('guards what git and others obey, where it is there', () => {
    put('.git/config')
    put('.git/hooks/pre-commit')
    expect(fixed()).toEqual(expect.arrayContaining(['.git/config', '.git/hooks']))
    expect(shown().some(({ path, writable }) => path === at('.git') && writable)).toBe(true)
    expect(viewOf({ ...profile, workspace: 'ro' }, { workspace: place }).shown.at(-1)).toMatchObject({
      ...{ path: place, writable: false },
    })
    expect(
      viewOf({ ...profile, workspace: 'none' }, { workspace: place }).shown.some(({ path }) => path === place),
    ).toBe(false)
  })

  it.each([
    ['a link for a repository', () => symlinkSync('/tmp', at('.git')), 'is a link'],
    ['a file with a second name', () => linkSync(put('other'), put('.git/x') && at('.git/config')), 'second name'],
    ['a repository that is not there', () => put('.git', 'gitdir: elsewhere\n'), 'cannot be guarded'],
  ])('%s is refused', (_what, make, why) => {
    make()
    expect(shown).toThrow(
      expect.objectContaining({ code: 'SP_SANDBOX_WORKSPACE', detail: expect.stringContaining(why) }) as Error,
    )
  })

  it('a repository that lies elsewhere is guarded where it lies in the workspace', () => {
    put('real/config')
    put('.git', 'gitdir: real\n')
    expect(fixed()).toEqual(expect.arrayContaining(['.git', 'real/config']))
  })

  it.each([['gitdir: /somewhere/else\n'], ['no repository\n']])('a `.git` that says %j', (text) => {
    put('.git', text)
    if (text.startsWith('gitdir')) expect(fixed()).toEqual(['.git'])
    else expect(shown).toThrow('cannot be guarded')
  })

  it('T-140: links and sockets are not shown in the place of what they are called', () => {
    mkdirSync(at('.git/hooks'), { recursive: true })
    symlinkSync('/etc/passwd', at('.git/config'))
    expect(fixed()).toEqual(['.git/hooks'])
  })

  it.each([
    ['workspace', { workspace: '/no/such/place' }],
    ['mount', { mounts: [{ path: '/inside', source: '/no/such/place', writable: false }] }],
  ])('T-140: a %s that has gone is refused', (_what, places) => {
    expect(() => viewOf(profile, places)).toThrow('is not where it was a moment ago')
  })

  it('E-69: who works on a copy is never shown the workspace itself', () => {
    const copies = { ...profile, workspace: 'copy' } as const
    const order = { workspace: place, profile: copies } as never
    expect(() => copyOf(order)).toThrow('Nobody takes care of the copy')
    const copy = { at: '/copy', kind: 'plain' } as const
    expect(copyOf({ workspace: place, profile: copies, copy } as never)).toBe(copy)
    expect(copyOf({ workspace: place, profile, copy } as never)).toBeUndefined()
    expect(copyOf({ workspace: undefined, profile: copies } as never)).toBeUndefined()
  })
})

describe('T-041: what was made in a workspace and others would obey', () => {
  const aside = (make: () => void, before = (): void => undefined, unguarded = false): readonly string[] => {
    before()
    const after = watchObeyed(place)
    make()
    return after(unguarded).map((path) => path.slice(place.length + 1))
  }

  it.each<readonly [string, () => unknown, readonly string[]]>([
    ['nothing', () => put('src/a.ts'), []],
    ['a plain repository', () => put('.git/config', '[core]\n\tbare = false\n'), []],
    [
      'a repository that runs something',
      () => put('.git/config', '[core]\n\tfsmonitor = evil\n'),
      ['.git/config.from-sandbox'],
    ],
    [
      'a configuration that is a link',
      () => put('.git/x') && symlinkSync('/etc/passwd', at('.git/config')),
      ['.git/config.from-sandbox'],
    ],
    ['hooks', () => put('.git/hooks/pre-commit') && put('.git/hooks/a.sample'), ['.git/hooks/pre-commit.from-sandbox']],
    ['hooks that are a file', () => put('.git/hooks'), ['.git/hooks.from-sandbox']],
    ['a repository elsewhere', () => put('.git', 'gitdir: /tmp'), ['.git.from-sandbox']],
    ['a common directory', () => put('.git/commondir'), ['.git/commondir.from-sandbox']],
    ['a bare repository', () => ['HEAD', 'objects/x', 'refs/x'].map((name) => put(name)), ['HEAD.from-sandbox']],
    ['one whose new name is taken', () => put('.git') && put('.git.from-sandbox'), ['.git-2.from-sandbox']],
  ])('gets another name: %s', (_what, make, expected) => {
    expect(aside(() => void make())).toEqual(expected)
  })

  it('in a repository that was there, only settings that are new', () => {
    const before = (): void => {
      put('.git/config', '[core]\n\tfsmonitor = own\n')
      put('.git/hooks/pre-commit')
    }
    expect(aside(() => void put('.git/config.worktree'), before)).toEqual(['.git/config.worktree.from-sandbox'])
  })

  it('whose walls were gone is looked at whole', () => {
    const before = (): void => {
      put('.git/config', '[core]\n\tfsmonitor = own\n')
      put('.git/hooks/pre-commit')
    }
    expect(aside(() => undefined, before, true)).toEqual([
      '.git/config.from-sandbox',
      '.git/hooks/pre-commit.from-sandbox',
    ])
  })

  it('a workspace that was a bare repository stays one', () => {
    const before = (): void => void ['HEAD', 'objects/x', 'refs/x'].map((name) => put(name))
    expect(aside(() => undefined, before)).toEqual([])
  })
})

describe('programs that an operator names', () => {
  const stateDir = '/no/such/state'
  const find = (name: string, searched?: string) => findProgram(name, { cwd: place, searched, stateDir })

  it.each([
    ['is not there', () => find('none', place)],
    ['is not executable', () => find(put('data'))],
    ['is in the workspace alone', () => (put('bin/tool', '', 0o755), find('tool', 'bin:'))],
  ])('AC-3.3.1: one that %s is none', (_what, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'SP_SANDBOX_PROGRAM' }) as Error)
  })

  it('T-140: a link on the way is not followed, but where names are looked up', () => {
    put('real/tool', '', 0o755)
    mkdirSync(at('bin'))
    symlinkSync('../real/tool', at('bin/tool'))
    expect(() => find(at('bin/tool'))).toThrow('A link stands on the way')
    expect(() => find('./bin/tool')).toThrow('A link stands on the way')
    expect(find('tool', at('bin')).path).toBe(at('real/tool'))
    expect(find('./real/tool').path).toBe(at('real/tool'))
  })

  it('of the system show nothing more; others show their package', () => {
    expect(find('sh', '/usr/bin')).toMatchObject({ shown: [] })
    put('p/package.json')
    put('p/node_modules/x/index.js')
    put('p/bin/tool', '', 0o755)
    expect(find(at('p/bin/tool')).shown).toEqual([at('p'), at('p/node_modules')])
    expect(packageOf(at('p/node_modules/x/index.js'), stateDir)).toBe(at('p/node_modules'))
    expect(packageOf(put('alone/tool'), stateDir)).toBe(at('alone/tool'))
    expect(packageOf(at('p/node_modules/x/index.js'), at('p/node_modules'))).toBe(at('p/node_modules/x/index.js'))
  })

  it('T-142: what a command line names is shown, but state, links and what is none', () => {
    mkdirSync(at('work'))
    put('state/key')
    symlinkSync('work', at('link'))
    const words = [
      at('work'),
      at('link'),
      at('none'),
      at('state'),
      at('state/key'),
      '/usr/bin/env',
      'word',
      put('script.js'),
    ]
    expect(namedIn(words, at('state'))).toEqual([at('work'), at('script.js')])
  })
})

describe('T-140 T-142: workspaces', () => {
  const workspace = (given: string) => requireWorkspace(given, place, at('state'), at('home'))
  it.each([
    ['a file', () => put('file'), 'not a directory'],
    ['a link', () => (symlinkSync(place, at('link')), at('link')), 'symbolic link'],
    ['nothing', () => at('none'), 'cannot be opened'],
    ['no path', () => 'a\0b', 'not a path'],
    ['the root', () => '/', 'directory of the system'],
    ['a system directory', () => '/etc/ssl', 'lies in a directory of the system'],
    ['a home', () => (mkdirSync(at('home')), at('home')), 'home directory'],
    ['what holds a home', () => (mkdirSync(at('home')), place), 'home directory'],
    ['state', () => (mkdirSync(at('state/x'), { recursive: true }), at('state/x')), 'state of a program'],
    [
      'state of an agent',
      () => (mkdirSync(at('home/.claude/x'), { recursive: true }), at('home/.claude/x')),
      'state of a program',
    ],
  ])('%s is none', (_what, make, why) => {
    expect(() => workspace(make())).toThrow(why)
  })
  it('a directory of work is one', () => {
    mkdirSync(at('work'))
    expect(workspace('work')).toBe(at('work'))
    expect(mayShow(at('work'), at('state'), at('home'))).toBe(true)
    expect(mayShow(place, at('state'), at('home'))).toBe(false)
    expect(mayShow('/usr', at('state'), at('home'))).toBe(false)
    expect(mayShow(at('home/.ssh/key'), at('state'), at('home'))).toBe(false)
  })
})
