import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { namesIn } from './machine.ts'
import { openRoot } from '../../packages/gateway/src/execution/copy/beneath.ts'
import { openJournal, stepsOf } from '../../packages/gateway/src/execution/copy/journal.ts'
import { carryOut, stage } from '../../packages/gateway/src/execution/copy/steps.ts'
import {
  copyWorkspace,
  sweepCopies,
  type WorkspaceCopy,
} from '../../packages/gateway/src/execution/copy/workspace-copy.ts'

/** No process has this id: it is above the kernel's highest. */
const NOBODY = 4_194_305

describe('landing of changes', () => {
  let place: string
  let workspace: string
  let stateDir: string
  let copies = 0
  beforeEach(() => {
    place = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-landing-')))
    ;[workspace, stateDir] = [join(place, 'work'), join(place, 'state')]
    for (const name of ['work/d/deep', 'work/gone/inner', 'work/closed'])
      mkdirSync(join(place, name), { recursive: true })
    for (const name of ['keep', 'change', 'mode', 'd/in', 'd/deep/in', 'gone/inner/file', 'turns', 'closed/in'])
      writeFileSync(join(workspace, name), `old ${name}\n`)
    symlinkSync('keep', join(workspace, 'link'))
    chmodSync(join(workspace, 'closed'), 0o555)
  })
  afterEach(() => {
    chmodSync(join(workspace, 'closed'), 0o755)
    rmSync(place, { recursive: true, force: true })
  })
  const copyOf = (): Promise<WorkspaceCopy> =>
    copyWorkspace({ workspace, stateDir, id: `c${copies++}`, bounds: { copySize: 1 << 20, copyEntries: 1_000 } })
  const treeOf = (directory: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      namesIn(directory).map((name) => {
        const path = join(directory, name)
        const found = lstatSync(path)
        const content = found.isSymbolicLink() ? readlinkSync(path) : found.isFile() ? readFileSync(path, 'utf8') : '/'
        return [name, `${(found.mode & 0o7777).toString(8)} ${content}`]
      }),
    )
  /** Every kind of change, some of which close or open a directory. */
  const change = (at: string): void => {
    writeFileSync(join(at, 'change'), 'new\n')
    chmodSync(join(at, 'mode'), 0o600)
    rmSync(join(at, 'gone'), { recursive: true })
    rmSync(join(at, 'turns'))
    mkdirSync(join(at, 'turns/new'), { recursive: true })
    writeFileSync(join(at, 'turns/new/file'), 'new\n')
    rmSync(join(at, 'link'))
    symlinkSync('change', join(at, 'link'))
    chmodSync(join(at, 'closed'), 0o755)
    writeFileSync(join(at, 'closed/added'), 'new\n')
    chmodSync(join(at, 'turns/new'), 0o555)
  }

  it('E-69: a landing that was killed after any of its steps is taken back when a copy is next taken', async () => {
    const before = treeOf(workspace)
    for (let killedAfter = 0, steps = 1; killedAfter <= steps; killedAfter++) {
      const copy = await copyOf()
      change(copy.at)
      const plan = {
        workspace,
        inode: (({ dev, ino }) => `${dev}:${ino}`)(lstatSync(workspace, { bigint: true })),
        token: `t${killedAfter}`,
        steps: stepsOf((await copy.diff()).changes),
      }
      steps = plan.steps.length
      // what a process leaves that is killed there
      const left = join(stateDir, 'copies', `${NOBODY}.${killedAfter}`)
      mkdirSync(left)
      const journal = openJournal(left, plan)
      mkdirSync(join(workspace, '.sallyport-landing'))
      writeFileSync(join(workspace, '.sallyport-landing', plan.token), '')
      const [root, held, source] = [workspace, join(workspace, '.sallyport-landing'), copy.at].map((path) =>
        openRoot(path),
      ) as [number, number, number]
      await stage(held, source, plan.steps)
      for (const [index, step] of plan.steps.slice(0, killedAfter).entries()) {
        journal.begin()
        await carryOut(root, held, index, step, source)
      }
      // one more has begun and not been done
      journal.begin()
      journal.keep()
      journal.close()
      for (const fd of [root, held, source]) closeSync(fd)
      await copy.discard()
      await sweepCopies(stateDir)
      expect({ killedAfter, tree: treeOf(workspace) }).toEqual({ killedAfter, tree: before })
      expect(readdirSync(join(stateDir, 'copies'))).toEqual([])
    }
  })

  it('E-69: one that had landed stays, and what it left is removed', async () => {
    const left = join(stateDir, 'copies', `${NOBODY}.x`)
    mkdirSync(left, { recursive: true })
    const { dev, ino } = lstatSync(workspace, { bigint: true })
    const step = { does: 'put', path: 'keep', after: { kind: 'link', target: 'x' } } as const
    const journal = openJournal(left, { workspace, inode: `${dev}:${ino}`, token: 't', steps: [step] })
    const held = join(workspace, '.sallyport-landing')
    mkdirSync(held)
    for (const name of ['t', 'old-0']) writeFileSync(join(held, name), 'older\n')
    journal.begin()
    journal.landed()
    journal.keep()
    journal.close()
    await sweepCopies(stateDir)
    expect(existsSync(held)).toBe(false)
    expect(readFileSync(join(workspace, 'keep'), 'utf8')).toBe('old keep\n')
  })

  it('T-140: a journal moves nothing in a directory that has been put in the place of the workspace', async () => {
    const left = join(stateDir, 'copies', `${NOBODY}.x`)
    mkdirSync(left, { recursive: true })
    const step = { does: 'put', path: 'keep', after: { kind: 'link', target: 'x' } } as const
    openJournal(left, { workspace, inode: '1:1', token: 't', steps: [step] }).begin()
    const held = join(workspace, '.sallyport-landing')
    mkdirSync(held)
    for (const name of ['t', 'old-0']) writeFileSync(join(held, name), 'evil\n')
    await sweepCopies(stateDir)
    expect(readFileSync(join(workspace, 'keep'), 'utf8')).toBe('old keep\n')
  })

  it('T-140: what is put into the copy after it was decided does not land', async () => {
    const copy = await copyOf()
    const before = treeOf(workspace)
    writeFileSync(join(copy.at, 'change'), 'decided\n')
    const diff = await copy.diff()
    writeFileSync(join(copy.at, 'change'), 'swapped\n')
    await expect(copy.land(diff)).rejects.toMatchObject({ code: 'SP_SANDBOX_LANDING' })
    expect(treeOf(workspace)).toEqual(before)
    await copy.discard()
  })

  it('T-140: every path that is not what it was is named, before anything is written', async () => {
    const copy = await copyOf()
    for (const name of ['keep', 'change', 'd/in']) writeFileSync(join(copy.at, name), 'new\n')
    for (const name of ['keep', 'd/in']) writeFileSync(join(workspace, name), 'theirs\n')
    const before = treeOf(workspace)
    const refused = copy.land(await copy.diff())
    await expect(refused).rejects.toMatchObject({ code: 'SP_SANDBOX_CONFLICT', details: { paths: ['d/in', 'keep'] } })
    expect(treeOf(workspace)).toEqual(before)
    await copy.discard()
  })

  it('T-140: a set-id bit that a copy got does not land', async () => {
    const copy = await copyOf()
    chmodSync(join(copy.at, 'keep'), 0o4755)
    await expect(copy.land(await copy.diff())).rejects.toMatchObject({ code: 'SP_SANDBOX_LANDING' })
    expect(lstatSync(join(workspace, 'keep')).mode & 0o7777).toBe(0o644)
    await copy.discard()
  })

  it('T-140: a link that is swapped into the way leads nothing out of the workspace', async () => {
    const outside = join(place, 'outside')
    mkdirSync(join(outside, 'deep'), { recursive: true })
    for (const name of ['in', 'deep/in']) writeFileSync(join(outside, name), `old d/${name}\n`)
    const before = treeOf(outside)
    const swap = `my ($d, $o) = @ARGV; while (1) {
      rename $d, "$d.away"; symlink $o, $d; unlink $d; rename "$d.away", $d; select undef, undef, undef, 0.0003 }`
    const d = join(workspace, 'd')
    const swapper = spawn('perl', ['-e', swap, d, outside])
    await once(swapper, 'spawn')
    /** Halts it where the directory is in its place. */
    const halt = async (): Promise<void> => {
      do {
        swapper.kill('SIGCONT')
        await sleep(1)
        swapper.kill('SIGSTOP')
        await sleep(1)
      } while (lstatSync(d, { throwIfNoEntry: false })?.isDirectory() !== true)
    }
    const ends = new Map<string, number>()
    const until = performance.now() + 4_000
    while (performance.now() < until) {
      await halt()
      const copy = await copyOf()
      writeFileSync(join(copy.at, 'd/deep/in'), `new ${performance.now()}\n`)
      writeFileSync(join(copy.at, 'd/in'), `new ${performance.now()}\n`)
      const diff = await copy.diff()
      swapper.kill('SIGCONT')
      const end = await copy.land(diff).then(
        () => 'landed',
        (thrown: { code: string }) => thrown.code,
      )
      ends.set(end, (ends.get(end) ?? 0) + 1)
      await copy.discard()
    }
    swapper.kill('SIGKILL')
    await once(swapper, 'exit')
    await sleep(10)
    expect(treeOf(outside)).toEqual(before)
    const { landed = 0, SP_SANDBOX_CONFLICT = 0, ...others } = Object.fromEntries(ends)
    expect(others).toEqual({})
    expect(landed + SP_SANDBOX_CONFLICT).toBeGreaterThan(20)
    expect(SP_SANDBOX_CONFLICT).toBeGreaterThan(0)
  }, 20_000)

  it('T-140: a link that is swapped into the way while the copy is taken shows nothing of the host', async () => {
    const outside = join(place, 'outside')
    mkdirSync(outside)
    for (const name of ['in', 'secret']) writeFileSync(join(outside, name), 'canary')
    const [d, file] = [join(workspace, 'd'), join(workspace, 'change')]
    const swap = `my ($d, $o, $f) = @ARGV; while (1) {
      rename $d, "$d.away"; symlink $o, $d; unlink $d; rename "$d.away", $d;
      rename $f, "$f.away"; symlink "$o/secret", $f; unlink $f; rename "$f.away", $f }`
    const swapper = spawn('perl', ['-e', swap, d, outside, file])
    await once(swapper, 'spawn')
    const until = performance.now() + 3_000
    let taken = 0
    while (performance.now() < until) {
      const copy = await copyOf().catch(() => undefined)
      if (copy === undefined) continue
      taken++
      const files = Object.entries(treeOf(copy.at)).filter(([, what]) => !what.startsWith('777 '))
      expect(files.filter(([, what]) => what.includes('canary'))).toEqual([])
      await copy.discard()
    }
    swapper.kill('SIGKILL')
    await once(swapper, 'exit')
    expect(taken).toBeGreaterThan(20)
  }, 20_000)

  it('T-140: links on the way that were there first are not followed either', async () => {
    const copy = await copyOf()
    writeFileSync(join(copy.at, 'd/in'), 'new\n')
    const outside = join(place, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'in'), 'old d/in\n')
    rmSync(join(workspace, 'd'), { recursive: true })
    symlinkSync(outside, join(workspace, 'd'))
    await expect(copy.land(await copy.diff())).rejects.toMatchObject({ code: 'SP_SANDBOX_CONFLICT' })
    expect(readFileSync(join(outside, 'in'), 'utf8')).toBe('old d/in\n')
    await copy.discard()
  })

  it('E-69: other changes that land wait for their turn', async () => {
    const [first, second] = [await copyOf(), await copyOf()]
    writeFileSync(join(first.at, 'change'), 'first\n')
    writeFileSync(join(second.at, 'd/in'), 'second\n')
    const diffs = [await first.diff(), await second.diff()] as const
    await Promise.all([first.land(diffs[0]), second.land(diffs[1])])
    expect(treeOf(workspace)).toMatchObject({ change: '644 first\n', 'd/in': '644 second\n' })
    expect(existsSync(join(workspace, '.sallyport-landing'))).toBe(false)
    await Promise.all([first.discard(), second.discard()])
  })
})
