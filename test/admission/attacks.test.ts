import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { NO_FACTS, protectedClasses } from '@sallyport/core'
import { makeZip } from '../../packages/gateway/src/control/content/extract/fixtures/zip.ts'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import { approveSkill, blockSkill } from '../../packages/gateway/src/assurance/admission/decide.ts'
import { createSkillGate } from '../../packages/gateway/src/assurance/admission/gate.ts'
import { readBundle } from '../../packages/gateway/src/assurance/admission/read-bundle.ts'
import { bundleOf, directory, room, SKILL, tree } from './kit.ts'

const by = { by: 'operator:ana', reason: 'looked at it' }
const options = { now: () => performance.now() }

describe('what a bundle may not be', () => {
  it.each([
    '../x',
    '/etc/x',
    'a/../../x',
    'a//b',
    './x',
    'C:\\x',
    'a\\b',
    'a\u0000b',
    'a\nb',
    `${'a'.repeat(260)}/x`,
    '',
  ])('T-145: a file called %j is refused, and nothing is written', async (path) => {
    const deps = room()
    const before = tree(deps.parent)
    const taken = admitBundle(bundleOf('notes', { 'SKILL.md': SKILL, [path]: 'x' }), deps, 'ana')
    await expect(taken).rejects.toMatchObject({ code: 'SP_SKILL_BUNDLE' })
    expect(tree(deps.parent)).toEqual(before)
  })

  it.each(['..', '.', 'a/b', '', 'a\u0000', 'con', 'a..b', 'nötes', 'x'.repeat(65), '-rf', '.hidden', 'a@b'])(
    'T-145: a skill called %j is refused',
    async (name) => {
      await expect(admitBundle(bundleOf(name), room(), 'ana')).rejects.toMatchObject({ code: 'SP_SKILL_NAME' })
    },
  )

  it.each([
    [{ 'SKILL.md': SKILL, 'skill.md': 'x' }],
    [{ 'a/b': 'x', a: 'y' }],
    [{ 'ﬁ.md': 'x', 'fi.md': 'y' }],
    [{ 'SKILL.md': SKILL, 'SKILL.md.': 'x' }],
    [{ 'a/b.md': 'x', 'a /b.md': 'y' }],
    [{ 'straße.md': 'x', 'STRASSE.md': 'y' }],
  ])('T-145: files that are one on some file systems are refused: %j', async (files) => {
    const taken = admitBundle(bundleOf('notes', files), room(), 'ana')
    await expect(taken).rejects.toMatchObject({ code: 'SP_SKILL_BUNDLE' })
  })

  it('T-146: of an archive each member is in the bundle, whatever its name is like and whatever it is a part of', async () => {
    const path = join(directory(), 'all.zip')
    const parts = { '[Content_Types].xml': '<Types/>', 'word/document.xml': '<x/>', 'word/_rels/x.rels': '<y/>' }
    const all = { 'SKILL.md': SKILL, 'run!.sh': 'x', 'a.md!b.md': 'y', ...parts }
    writeFileSync(path, makeZip(Object.entries(all)))
    const { files } = await readBundle(path, options)
    expect(files.map(({ path: name }) => name)).toEqual(Object.keys(all))
  })

  it('T-146: of what lies with Git only what Git itself writes there is left out', async () => {
    const root = directory()
    const git = ['HEAD', 'index', 'refs/heads/main', 'logs/HEAD', `objects/ab/${'c'.repeat(38)}`, 'objects/info/packs']
    const own = ['config', 'config.worktree', 'hooks/pre-commit', 'info/attributes', 'modules/x/config', 'setup.sh']
    const odd = ['objects/run.sh', 'refs/heads/run.sh', 'objects/ab/x.py']
    for (const name of [...git, ...own, ...odd]) {
      mkdirSync(join(root, '.git', name, '..'), { recursive: true })
      writeFileSync(join(root, '.git', name), 'x')
    }
    const { files } = await readBundle(root, options)
    expect(files.map(({ path }) => path).toSorted()).toEqual([...own, ...odd].map((name) => `.git/${name}`).toSorted())
  })

  it('T-145: a folder with a link is refused, wherever it leads', async () => {
    const root = directory()
    for (const [name, target] of [
      ['out', '/etc/passwd'],
      ['in', 'SKILL.md'],
    ] as const) {
      const path = join(root, name)
      mkdirSync(path)
      writeFileSync(join(path, 'SKILL.md'), SKILL)
      symlinkSync(target, join(path, 'link.md'))
      await expect(readBundle(path, options)).rejects.toMatchObject({ code: 'SP_SKILL_BUNDLE' })
    }
    symlinkSync(join(root, 'in'), join(root, 'whole'))
    await expect(readBundle(join(root, 'whole'), options)).rejects.toMatchObject({ code: 'SP_SKILL_BUNDLE' })
  })

  it('T-145 T-146: an archive with a path that leaves it is refused; a plain one is what its folder is', async () => {
    const root = directory()
    writeFileSync(join(root, 'bad.zip'), makeZip(Object.entries({ 'SKILL.md': SKILL, '../../x.md': 'x' })))
    await expect(readBundle(join(root, 'bad.zip'), options)).rejects.toMatchObject({ code: 'SP_SKILL_BUNDLE' })
    writeFileSync(join(root, 'good.zip'), makeZip(Object.entries({ 'notes/SKILL.md': SKILL, 'notes/a/b.txt': 'x' })))
    const bundle = await readBundle(join(root, 'good.zip'), options)
    expect(bundle).toMatchObject({ name: 'notes', provenance: { source: 'archive' } })
    expect(bundle.files.map(({ path }) => path)).toEqual(['SKILL.md', 'a/b.txt'])
    writeFileSync(join(root, 'broken.zip'), 'PK\u0003\u0004nothing')
    await expect(readBundle(join(root, 'broken.zip'), options)).rejects.toMatchObject({ code: 'SP_SKILL_BUNDLE' })
  })

  it('T-078: a name nearly that of an installed skill is held with a finding', async () => {
    const deps = room()
    const { hash } = await admitBundle(bundleOf('pdf-report'), deps, 'ana')
    await approveSkill({ name: 'pdf-report', hash, ...by }, false, deps)
    for (const name of ['pdf-rep0rt', 'pdf_report', 'pdf-reprot', 'PDF-Report', 'pdf-reports']) {
      const { version, state } = await admitBundle(bundleOf(name), deps, 'ana')
      expect(
        version.findings.map(({ id }) => id),
        name,
      ).toContain('skill.impersonation.installed-name')
      expect(state).toBe('pending_review')
    }
    const { version } = await admitBundle(bundleOf('spreadsheet'), deps, 'ana')
    expect(version.findings).toEqual([])
  })
})

describe('the store under attack', () => {
  it('T-004: a register that somebody else wrote, or cut off, is not read', async () => {
    const deps = room()
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'ana')
    const file = join(deps.store.directory, 'register.json')
    const text = readFileSync(file, 'utf8')
    const gate = createSkillGate({ ...deps, tell: () => undefined })
    for (const forged of [text.replace('"pending_review"', '"internal"'), text.slice(0, -40), '', '{}']) {
      writeFileSync(file, forged)
      await expect(gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_TAMPERED' })
      const approved = approveSkill({ name: 'notes', hash, ...by }, false, deps)
      await expect(approved).rejects.toMatchObject({ code: 'SP_SKILL_TAMPERED' })
    }
  })

  it('T-145: a link in place of one of its folders is not followed', async () => {
    const deps = room()
    const elsewhere = directory()
    mkdirSync(deps.store.directory, { recursive: true })
    symlinkSync(elsewhere, join(deps.store.directory, 'quarantine'))
    await expect(admitBundle(bundleOf('notes'), deps, 'ana')).rejects.toMatchObject({ code: 'SP_SKILL_TAMPERED' })
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('two who add at once both get in, and neither loses the other', async () => {
    const parent = directory()
    const rooms = Array.from({ length: 4 }, () => room([], parent))
    const names = rooms.flatMap((_, at) => [`one-${at}x`, `two-${at}yy`, `same`])
    await Promise.all(names.map((name, at) => admitBundle(bundleOf(name), rooms[at % 4] ?? room(), 'ana')))
    const { skills } = await room([], parent).store.read()
    expect(Object.keys(skills)).toEqual([...new Set(names)].toSorted())
    expect(skills['same']?.versions.length).toBe(1)
    expect(tree(parent).filter((path) => path.includes('.new/') && !path.endsWith('.new/'))).toEqual([])
  })

  it('one that is killed at any moment leaves nothing half admitted, and nobody locked out', async () => {
    const src = (path: string): string =>
      pathToFileURL(join(import.meta.dirname, '../../packages/gateway/src/assurance/admission', path)).href
    const parent = directory()
    const script = join(parent, 'add.mts')
    writeFileSync(
      script,
      `import { admitBundle } from '${src('admit.ts')}'
       import { createSkillStore } from '${src('store.ts')}'
       const store = createSkillStore({ directory: process.argv[2], key: Buffer.alloc(32, 7), random: { uuid: () => crypto.randomUUID() } })
       const files = Array.from({ length: 60 }, (_, at) => ({ path: 'f/' + at, bytes: Buffer.from('x' + at), mode: 0o644 }))
       process.stdout.write('go')
       for (let turn = 0; ; turn++)
         await admitBundle({ name: 'big' + turn, files, provenance: { source: 'folder', url: '/x', notes: [] } },
           { store, scan: async () => ({ findings: [], facts: { name: '', version: '', publishers: [], capabilities: [], requiresApproval: false } }), clock: { now: () => 1 } }, 'ana')`,
    )
    const path = join(parent, 'skills')
    for (const after of [3, 60]) {
      const loader = ['--import', 'tsx', '--conditions=source']
      const child = spawn(process.execPath, [...loader, script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      await new Promise((resolve) => child.stdout.once('data', resolve))
      await new Promise((resolve) => setTimeout(resolve, after))
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }
    const deps = room([], parent)
    await admitBundle(bundleOf('notes'), deps, 'ana')
    const { skills } = await deps.store.read()
    for (const [name, { versions }] of Object.entries(skills))
      for (const { hash } of versions) {
        const content = await deps.store.lookAt(join(path, 'quarantine', `${name}@${hash}`))
        expect(content).toMatchObject({ files: { length: name === 'notes' ? 1 : 60 } })
      }
    expect(readdirSync(join(path, 'quarantine')).length).toBe(Object.keys(skills).length)
    expect(readdirSync(join(path, '.new'))).toEqual([])
    expect(existsSync(`${path}.hold`)).toBe(false)
  }, 30_000)

  it('HB-29 T-041: agents cannot write to the skills of the gateway, nor to those of hosts, unasked', () => {
    const written = (path: string) => protectedClasses({ ...NO_FACTS, paths: [path] }, { path })
    expect(written('/home/ana/.local/share/sallyport/skills/external/notes@1/SKILL.md')).toContain('sallyport-state')
    expect(written('/home/ana/.claude/skills/notes/SKILL.md')).toContain('host-config')
    expect(written('/work/project/AGENTS.md')).toContain('agent-instructions')
  })

  it('HB-34: a rule that names nothing blocks nothing', async () => {
    await expect(blockSkill({ ...by, at: 1 }, room())).rejects.toMatchObject({ code: 'SP_CLI_USAGE' })
  })
})
