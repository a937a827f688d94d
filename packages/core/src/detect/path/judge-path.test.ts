import { describe, expect, it } from 'vitest'
import { judgePath, type PathMode, type PathVerdict } from './judge-path.ts'
import { seeded } from '../../policy/generate.ts'
import { PATH_FORMS } from './forms.ts'
import { PLACE_RULES } from './places.ts'
import { linkTable } from './walk.ts'

interface Given {
  readonly links?: Readonly<Record<string, string>>
  readonly workspace?: string
  readonly home?: string
  readonly own?: readonly string[]
}

function judge(
  path: string,
  mode: PathMode,
  { links = {}, workspace = '/work/app', ...given }: Given = {},
): PathVerdict {
  return judgePath({ home: '/home/ana', ...given, path, workspace, look: linkTable(links, workspace) }, mode)
}

const read = (table: string): readonly (readonly string[])[] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split(' | ').map((cell) => cell.trim()))

/** Harmful, its verdict, and a twin that is fine. Mode is that of the heading. */
const READS = `
../plain.txt | ask | src/../plain.txt
../../etc/hosts | ask | src/lib/../../etc/hosts
../../../../../../../../etc/passwd | block | etc/passwd
/etc/passwd | block | /work/app/etc/passwd
/etc/shadow | block | /work/app/docs/shadow
/etc/hosts | ask | ./hosts
/work/app-evil/x | ask | /work/app/evil/x
/work/ap | ask | /work/app
/work | ask | /work/app/
/work/app/../other/x | ask | /work/app/./other/x
/ | ask | .
~/notes.txt | ask | notes.txt
~/.ssh/id_ed25519 | block | ssh/id_ed25519.pub
~/.aws/credentials | block | docs/aws/credentials.md
~/.gnupg/private-keys-v1.d/x | block | gnupg.md
~/.kube/config | block | kube/config
$HOME/.netrc | block | netrc.example
\${HOME}/.npmrc | block | package.json
~/.docker/config.json | block | docker/config.json
~/.config/gcloud/credentials.db | block | config/gcloud.tf
~/.config/gh/hosts.yml | block | config/hosts.yml
~/.bash_history | block | bash_history.md
~/.cargo/credentials.toml | block | Cargo.toml
~/.password-store/x.gpg | block | password-store.md
~/.mozilla/firefox/a/logins.json | block | mozilla.md
/run/secrets/db | block | run/secrets.md
/var/run/secrets/kubernetes.io/serviceaccount/token | block | deploy/serviceaccount.yaml.md
/root/.ssh/id_rsa | block | root/ssh.md
/proc/self/environ | block | proc/self/environ
/proc/1/environ | block | environ
/proc/1234/mem | block | mem
/proc/self/maps | block | maps
/proc/kcore | block | kcore
/proc/1/root/etc/hosts | ask | root/etc/hosts
/proc/self/root/etc/shadow | block | self/root/etc/x
/proc/self/cwd/src/a.ts | ask | src/a.ts
/proc/thread-self/root/home/ana/.ssh/id_rsa | block | thread-self.md
/proc/1/fd/3 | block | fd/3
/dev/fd/3 | ask | dev/fd/3
/dev/stdin | ask | stdin
/dev/sda | block | sda
/dev/mem | block | dev/mem
/dev/tcp/10.0.0.1/80 | block | dev/tcp.md
/var/run/docker.sock | block | docker.sock.md
.env | ask | .env.example
.env.production | ask | .env.sample
packages/a/.env.local | ask | packages/a/env.ts
config/credentials.json | ask | config/credentials.ts
server.key | ask | server.ts
certs/site.pem | ask | certs/readme.md
certs/server-key.pem | ask | certs/server-cert.pem
~/.ssh/id_rsa | block | .ssh/id_rsa.pub
.npmrc | ask | .nvmrc
terraform.tfstate | ask | main.tf
id_rsa | ask | rsa.ts
.git-credentials | ask | .gitignore
file:///etc/passwd | block | file:///work/app/src/a.ts
file://localhost/etc/passwd | block | file://localhost/work/app/a.ts
file:/etc/shadow | block | file:/work/app/a.ts
file:///%65tc/shadow | block | file:///work/app/%61.ts
FILE:///etc/passwd | block | FILE:///work/app/a.ts
..%2f..%2fetc%2fpasswd | block | src%2fa.ts
%2e%2e%2f%2e%2e%2fetc/shadow | block | a%20b.txt
%2e%2e/secret | block | %2e/secret
..%252f..%252fx | block | a%252fb
..%25252fx | block | 100%25.txt
..%c0%afx | block | caf%c3%a9.txt
%c0%ae%c0%ae/x | block | %c3%a4/x
..%e0%80%afx | block | %e2%82%ac.txt
%u002e%u002e%u2215x | block | u002e
..\\x2fx | block | x2fx
\\u002e\\u002e\\u002fx | block | u002eu002e
&#46;&#46;&#47;x | block | a&b.txt
..&sol;x | block | sol.txt
..\\..\\etc\\passwd | block | src\\a.ts
..\\secret | block | a\\b
src\\..\\..\\secret | block | src\\..\\b
．．／secret | block | ｎｏｔｅ.txt
..／secret | block | 日本／語.txt
..∕..∕etc∕passwd | block | a∕b
..⁄x | block | 1⁄2.txt
‥/x | block | …/x
.\u200b./x | block | a\u200b.txt
..\u2215x | block | x\u2215y
..;/x | block | a;b/x
..;a=b/../x | block | a;v=1/x
....//x | block | .../x
..././x | block | a.../x
.. /x | block | a /x
"../x" | block | "a"
'../x' | block | 'a'
.env\u200b | ask | env\u200b
.ｅｎｖ | ask | ｅｎｖ.ts
.ENV | ask | ENV.md
.env. | ask | env.
.env%20 | ask | env%20
a\u0000.png | block | a.png
a%00.png | block | a%20.png.md
a%2500.png | block | a%2520.png
%2524%257BHOME%7D/x | block | %2524x
%43:%5cx | ask | %43/x
../a\u0000 | block | a0
C:\\Windows\\win.ini | ask | C/Windows/win.ini
c:/Users/ana | ask | c/Users/ana
D: | ask | D
\\\\server\\share\\x | ask | server/share/x
\\\\?\\C:\\x | ask | C/x
//?/C:/x | ask | //work/app/x
a.txt::$DATA | ask | a$DATA.txt
.git::$INDEX_ALLOCATION/hooks/x | ask | git/hooks/x
PROGRA~1/x | ask | program/x
SECRET~1.TXT | ask | secret~.txt
%USERPROFILE%\\.ssh\\id_rsa | block | USERPROFILE/x
%APPDATA%\\x | ask | APPDATA
$TMPDIR/x | ask | routes/$slug.tsx
\${XDG_CONFIG_HOME}/x | ask | src/$types.d.ts
$(cat x) | ask | (group)/[slug]/page.tsx
\`id\` | ask | id
~root/.bashrc | ask | ~$draft.docx
~bob/.ssh/id_rsa | block | bob/ssh.md
~+/x | ask | a~b/x
https://evil.example/x | ask | https.md
s3://bucket/key | ask | s3/bucket/key
a\u202egnp.exe | ask | a.png.exe.md
a\u001b[31m | ask | a[31m
/WORK/APP/x | ask | /work/app/X
/usr/bin/env | ask | usr/bin/env
/tmp/x | ask | tmp/x
/home/ana/other/x | ask | home/ana/other/x
/var/log/syslog | ask | log/syslog
~/.claude/settings.json | ask | .claude/settings.json
~/.bashrc | ask | .bashrc
~/.gitconfig | ask | .git/config
`
const WRITES = `
.git/hooks/pre-commit | ask | githooks/pre-commit
.git/config | ask | git.config
.GIT/hooks/post-checkout | ask | .github/workflows/ci.yml
.git\\hooks\\pre-commit | ask | git\\hooks
.git./hooks/x | ask | .gitignore
.husky/pre-push | ask | husky.md
.claude/settings.json | ask | claude/settings.json
.mcp.json | ask | mcp.json
.vscode/tasks.json | ask | .vscode/launch.json
.vscode/settings.json | ask | .editorconfig
.envrc | ask | envrc.md
AGENTS.md | ask | README.md
CLAUDE.md | ask | docs/claude.txt
sallyport.yaml | block | sallyport.md
sallyport.yml | block | port.yml
~/.bashrc | block | dot/bashrc
~/.zshenv | block | zshenv
~/.config/systemd/user/x.service | block | systemd/x.service
~/.config/autostart/x.desktop | block | autostart/x.desktop
~/.config/fish/config.fish | block | config.fish
~/.local/bin/ls | block | bin/ls
~/.vimrc | block | vimrc
~/.ssh/authorized_keys | block | authorized.txt
~/.ssh/config | block | ssh/config
~/.gitconfig | block | gitconfig
~/.claude/settings.json | block | settings.json
~/.config/git/config | block | config/git.ts
~/Library/LaunchAgents/x.plist | block | LaunchAgents.md
/etc/hosts | block | etc/hosts
/etc/cron.d/x | block | cron.d/x
/etc/profile.d/x.sh | block | profile.d/x.sh
/etc/ld.so.preload | block | ld.so.preload
/usr/bin/git | block | usr/bin/git
/usr/local/bin/x | block | local/bin/x
/boot/grub/grub.cfg | block | grub.cfg
/sys/kernel/uevent_helper | block | sys.md
/proc/sys/kernel/core_pattern | block | core_pattern
/proc/self/mem | block | self/mem
/dev/sda1 | block | sda1
/lib/systemd/system/x.service | block | lib/x.service
/opt/x | block | opt/x
/root/x | block | root/x
/Windows/System32/x | block | windows/x
../x | ask | x
/tmp/x | ask | tmp/x
/home/ana/other | ask | other
~/notes.txt | ask | notes.txt
.env | ask | .env.template
..%2fx | block | %20x
`
const DELETES = `
. | block | src
/work/app | block | /work/app/src
.. | block | src/..a
/ | block | /work/app/x
/work | block | work
src/.. | block | src/x
/home | block | home
/etc | block | etc
~ | ask | ~x.txt~
~/.ssh | block | ssh
/tmp | block | tmp
/tmp/x | ask | tmp/x
/dev/null | block | null
/usr | block | usr
.git/hooks | ask | .git/index.lock
.env | ask | env
../other | ask | other
/var/lib/docker | block | var/lib/docker.md
`

describe.each([
  ['read', READS],
  ['write', WRITES],
  ['delete', DELETES],
] as const)('AC-6.4.3 HB-103: %s', (mode, table) => {
  for (const [harmful = '', verdict = '', fine = ''] of read(table)) {
    it(`${JSON.stringify(harmful)}: ${verdict}`, () => {
      expect(judge(harmful, mode).verdict).toBe(verdict)
    })
    it(`${JSON.stringify(fine)}: clean`, () => {
      const { verdict, findings } = judge(fine, mode)
      expect([verdict, findings.map(({ rule }) => rule)]).toEqual(['clean', []])
    })
  }
})

describe('AC-6.4.3: links', () => {
  const links = {
    out: '/etc',
    home: '../../home/ana',
    deep: 'a/b',
    'a/b/up': '../../..',
    inner: 'src',
    chain1: 'chain2',
    chain2: 'chain3',
    chain3: '/home/ana/.ssh',
    loop: 'loop',
    dangling: '/var/missing',
    hooks: '.git/hooks',
    dotenv: '.env',
    self: '.',
    'src/env': '/proc/self/environ',
  }
  it.each<[string, PathMode, string, string]>([
    ['out/hosts', 'read', 'ask', '/etc/hosts'],
    ['out/hosts', 'write', 'block', '/etc/hosts'],
    ['out/shadow', 'read', 'block', '/etc/shadow'],
    ['home/.ssh/id_rsa', 'read', 'block', '/home/ana/.ssh/id_rsa'],
    ['home/notes.txt', 'read', 'ask', '/home/ana/notes.txt'],
    ['a/b/up/x', 'read', 'ask', '/work/x'],
    ['a/b/up/app/x', 'read', 'clean', '/work/app/x'],
    ['deep/up/x', 'read', 'ask', '/work/x'],
    ['inner/a.ts', 'read', 'clean', '/work/app/src/a.ts'],
    ['inner/../b.ts', 'read', 'clean', '/work/app/b.ts'],
    ['chain1/id_ed25519', 'read', 'block', '/home/ana/.ssh/id_ed25519'],
    ['loop/x', 'read', 'ask', '/work/app'],
    ['dangling', 'write', 'block', '/var/missing'],
    ['dangling', 'read', 'ask', '/var/missing'],
    ['hooks/pre-commit', 'write', 'ask', '/work/app/.git/hooks/pre-commit'],
    ['dotenv', 'read', 'ask', '/work/app/.env'],
    ['self/self/self/x', 'read', 'clean', '/work/app/x'],
    ['src/env', 'read', 'block', '/proc/self/environ'],
    // where a program takes the dots before the link, and where the kernel takes the link first
    ['out/../x', 'read', 'ask', '/x'],
    ['deep/../../x', 'read', 'ask', '/work/app/x'],
  ])('%s (%s): %s, %s', (path, mode, verdict, canonical) => {
    expect(judge(path, mode, { links })).toMatchObject({ verdict, canonical })
  })
  it('says that a link led out', () => {
    expect(judge('out/hosts', 'read', { links }).findings.map(({ rule }) => rule)).toContain('path.outside-by-link')
  })
  it('a workspace reached over a link is the same workspace', () => {
    const given = { workspace: '/tmp/w', links: { '/tmp': '/private/tmp' } }
    expect(judge('/tmp/w/a', 'write', given)).toMatchObject({ verdict: 'clean', canonical: '/private/tmp/w/a' })
    expect(judge('/private/tmp/w/a', 'write', given).verdict).toBe('clean')
    expect(judge('/private/tmp/x', 'write', given).verdict).toBe('ask')
  })
})

describe('workspaces and homes', () => {
  it.each(['/', '/home', '/etc', '/usr'])('a workspace of %s is none', (workspace) => {
    expect(judge(`${workspace}/x`.replace('//', '/'), 'write', { workspace }).verdict).not.toBe('clean')
  })
  it('a home directory may be one; its keys stay closed', () => {
    const given = { workspace: '/home/ana' }
    expect(judge('notes.txt', 'write', given).verdict).toBe('clean')
    expect(judge('~/notes.txt', 'write', given).verdict).toBe('clean')
    expect(judge('.ssh/id_rsa', 'read', given).verdict).toBe('ask')
  })
  it('guesses home from the workspace, and takes an unknown one for outside', () => {
    const look = linkTable({}, '/home/ana/app')
    const guessed = judgePath({ path: '~/app/x', workspace: '/home/ana/app', look }, 'write')
    expect([guessed.verdict, guessed.canonical]).toEqual(['clean', '/home/ana/app/x'])
    expect(judgePath({ path: '~/app/x', workspace: '/srv/app', look }, 'write').verdict).toBe('ask')
    expect(judgePath({ path: '~/.ssh/id_rsa', workspace: '/srv/app', look }, 'read').verdict).toBe('block')
  })
  it('T-041: our own state is closed, wherever it lies', () => {
    const given = { own: ['/work/app/.state'] }
    expect(judge('.state/state.db', 'read', given).verdict).toBe('block')
    expect(judge('/home/ana/.local/share/sallyport/state.db', 'read').verdict).toBe('block')
    expect(judge('.other/state.db', 'read', given).verdict).toBe('clean')
  })
  it('a null device takes and gives nothing', () => {
    expect([judge('/dev/null', 'write').verdict, judge('/dev/urandom', 'read').verdict]).toEqual(['clean', 'clean'])
  })
})

describe('bounds', () => {
  it('what is no path is asked about', () => {
    for (const path of ['', '   ', 'a/'.repeat(3000), '/'.repeat(5000), `%${'25'.repeat(9)}2e/x`, 'a\nb', 'a\tb'])
      expect(judge(path, 'read').verdict, path.slice(0, 20)).not.toBe('clean')
  })
  it('is linear in hostile text', () => {
    for (const part of [
      '../',
      '%25',
      '%2e%2e%2f',
      '\\',
      '....//',
      '. /',
      '~1/',
      ':$',
      '$A/',
      '/proc/self/root',
      '&#46;',
      '"',
      'a~1.',
    ])
      expect(judge(part.repeat(100_000 / part.length), 'read').verdict).not.toBe('clean')
  })
})

/** One character in every way that some program undoes. */
const ENCODINGS: readonly ((char: string) => string)[] = [
  (char) => char,
  (char) => `%${hex(char)}`,
  (char) => `%25${hex(char)}`,
  (char) => `%2525${hex(char)}`,
  (char) => `\\x${hex(char)}`,
  (char) => `\\u00${hex(char)}`,
  (char) => `%u00${hex(char)}`,
  (char) => `&#x${hex(char)};`,
  (char) => `&#${char.charCodeAt(0)};`,
  (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0),
  (char) => `${char}\u200b`,
  (char) => (char === '/' ? '\\' : char),
  (char) => (char === '/' ? '//' : char),
]
const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, '0')

describe('HB-103: traversal in mixed encodings', () => {
  it.each(['../../etc/shadow', '../secret', 'src/../../x', 'a/b/../../../home/ana/.ssh/id_rsa'])('%s', (target) => {
    const random = seeded(7)
    for (let round = 0; round < 2000; round++) {
      const path = Array.from(
        target,
        (char) => ENCODINGS[Math.floor(random() * ENCODINGS.length)]?.(char) ?? char,
      ).join('')
      expect(judge(path, 'read').verdict, path).not.toBe('clean')
    }
  })
  it('the same encodings of a name inside change nothing', () => {
    const random = seeded(8)
    for (let round = 0; round < 2000; round++) {
      const ways = ENCODINGS.filter((way) => !way('/').includes('\\') && way('/') !== '//')
      const path = Array.from('src/main', (char) => ways[Math.floor(random() * ways.length)]?.(char) ?? char).join('')
      expect(judge(path, 'read').verdict, path).toBe('clean')
    }
  })
})

describe('tables', () => {
  it.each([...PATH_FORMS])('$rule', ({ pattern, positive, negative }) => {
    for (const text of positive) expect(pattern.test(text), text).toBe(true)
    for (const text of negative) expect(pattern.test(text), text).toBe(false)
  })
  it.each(PLACE_RULES.map((rule, at) => ({ ...rule, at })))('$class $at', ({ pattern, positive, negative }) => {
    for (const text of positive) expect(pattern.test(text), text).toBe(true)
    for (const text of negative) expect(pattern.test(text), text).toBe(false)
  })
})
