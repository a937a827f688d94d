import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scanTree, treeOf } from '../../ci/scan-tree.ts'
import { programsBelow, scanFiles } from '../code/scan-files.ts'
import { fileScannerFor, hereScanner, inOrder, threadScanner } from './file-scanner.ts'

const now = (): number => performance.now()
/** Orders have reached their threads. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const FILES = 60

/** Every third file has a finding, every seventh is none of its language, one is no text. */
const textOf = (i: number): string =>
  i % 7 === 0
    ? 'def f(:\n  ((((\n'
    : i % 3 === 0
      ? `import os\ndef f${i}(name):\n    os.system("ls " + name)\n`
      : `def f${i}():\n    return ${i}\n`

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-threads-'))
  for (let i = 0; i < FILES; i++) {
    const folder = join(root, `part${i % 4}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `m${i}.py`), textOf(i))
  }
  writeFileSync(join(root, 'part0', 'bytes.py'), Buffer.from([0xff, 0xfe, 0x00, 0xd8]))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('files are scanned by several threads', () => {
  it('HB-98: finds the same in the same order as one thread does', async () => {
    const [one, many] = [hereScanner(now), threadScanner(3)]
    try {
      const list = programsBelow([root], true)
      const expected = await scanFiles(list, { scanner: one })
      expect(expected.files).toBe(FILES + 1)
      expect(expected.found.length).toBeGreaterThan(10)
      const unread = expected.unreadable.map(({ path }) => path)
      // T-145: what was read in part is told of
      expect(unread).toEqual(expect.arrayContaining(['part0/bytes.py', 'part3/m7.py']))
      expect(await scanFiles(list, { scanner: many })).toEqual(expected)
      const deps = (): never => {
        throw new Error('there is no skill')
      }
      const gate = await scanTree(treeOf(root), { scanner: one, deps, now })
      expect(gate.length).toBeGreaterThan(10)
      expect(await scanTree(treeOf(root), { scanner: many, deps, now })).toEqual(gate)
    } finally {
      many.close()
    }
  })

  it('T-145: a file whose thread ends is one that was not scanned, and never clean', async () => {
    const scanner = threadScanner(2)
    try {
      const list = programsBelow([root], true)
      const clean = list.files.filter((_file, i) => i % 3 === 1).slice(0, 2)
      const answers = clean.map((file) => scanner.program(file))
      await turn()
      scanner.close()
      for (const [i, { found, unreadable }] of (await Promise.all(answers)).entries()) {
        expect(found).toBeUndefined()
        expect(unreadable).toMatchObject({ path: clean[i]?.name, code: 'SP_SCAN_UNREADABLE' })
      }
      const [content] = await Promise.all([
        scanner.content(clean[0] as (typeof clean)[0]),
        turn().then(() => scanner.close()),
      ])
      expect(content).toMatchObject([{ complete: false, findings: [{ rule: 'code.unanalysable.unread' }] }])
      // the next one has threads again
      expect((await scanFiles(list, { scanner })).found.length).toBeGreaterThan(10)
    } finally {
      scanner.close()
    }
  })

  it('T-145 T-146: a file that became a link or a pipe after it was listed was not scanned', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-swapped-'))
    const scanner = hereScanner(now)
    try {
      for (const name of ['link.py', 'pipe.py']) writeFileSync(join(folder, name), 'x = 1\n')
      const list = programsBelow([folder], true)
      for (const name of ['link.py', 'pipe.py']) rmSync(join(folder, name))
      symlinkSync(join(root, 'part1', 'm1.py'), join(folder, 'link.py'))
      execFileSync('mkfifo', [join(folder, 'pipe.py')])
      expect((await scanFiles(list, { scanner })).unreadable.map(({ path }) => path)).toEqual(['link.py', 'pipe.py'])
      for (const file of list.files)
        expect(await scanner.content(file)).toMatchObject([{ findings: [{ rule: 'code.unanalysable.unread' }] }])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('E-85: a scan that is interrupted ends with an error and begins no more files', async () => {
    const scanner = threadScanner(2)
    const stop = new AbortController()
    let begun = 0
    const progress = (files: number): void => {
      begun = files
      if (files === 5) stop.abort()
    }
    try {
      const scan = scanFiles(programsBelow([root], true), { scanner, progress, signal: stop.signal })
      await expect(scan).rejects.toMatchObject({ code: 'SP_SCAN_UNREADABLE' })
      expect(begun).toBe(5)
    } finally {
      scanner.close()
    }
  })

  it('has threads where there is work for them', () => {
    const widths = [
      [1_000, 8],
      [50_000_000, 1],
      [50_000_000, 4],
      [50_000_000, 64],
    ].map(([bytes = 0, processors = 0]) => {
      const scanner = fileScannerFor(bytes, now, processors)
      scanner.close()
      return scanner.width
    })
    expect(widths).toEqual([1, 1, 4, 8])
  })
})

describe('inOrder', () => {
  it('keeps the order, has so many at once and no more', async () => {
    let [open, most] = [0, 0]
    const made = await inOrder([30, 1, 20, 5, 0, 10], 3, async (ms) => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setTimeout(resolve, ms))
      open--
      return ms * 2
    })
    expect(made).toEqual([60, 2, 40, 10, 0, 20])
    expect(most).toBe(3)
  })

  it('begins nothing after a failure', async () => {
    const begun: number[] = []
    const work = inOrder([0, 1, 2, 3, 4, 5, 6, 7], 2, async (i) => {
      begun.push(i)
      await Promise.resolve()
      if (i === 2) throw new Error('two')
    })
    await expect(work).rejects.toThrow('two')
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(begun.length).toBeLessThan(6)
  })
})
