import { availableParallelism } from 'node:os'
import { SallyportError, toSallyportError } from '@sallyport/core'
import { OrderThread } from '../../../order-thread.ts'
import { contentOf, unread, type ContentFile, type ScannedContent } from '../changes/scan-content.ts'
import { loadScanner } from '../code/load-scanner.ts'
import type { ScanCode } from '../code/scan-code.ts'
import { scanProgram, unreadProgram, type ProgramFile, type ProgramScan } from '../code/scan-program.ts'

/** Scans files one by one: as programs, or for all that a gate looks for. What cannot be scanned is told of in the answer. */
export interface FileScanner {
  /** How many files may be asked for at once. */
  readonly width: number
  program(file: ProgramFile): Promise<ProgramScan>
  content(file: ContentFile): Promise<readonly ScannedContent[]>
  close(): void
}

/** A file for one of the two. */
export type FileOrder =
  { readonly as: 'program'; readonly file: ProgramFile } | { readonly as: 'content'; readonly file: ContentFile }
export type FileAnswer = ProgramScan | readonly ScannedContent[]

/** Threads cost this much to start that fewer bytes are scanned without them sooner. */
const WORTH_THREADS = 2_000_000
/** Each takes some hundred megabytes. */
const MOST_THREADS = 8
/** Longest that one file may take, ms. */
const LIMIT = 120_000
const IDLE = 10_000
/** MB of a thread. What is made while a file is scanned lives shortly: with the usual room for it, it is copied again and again. */
const ROOM = { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 64 }

/**
 * The one for so many bytes of files: this thread, or as many as there are processors.
 * @param now monotonic milliseconds that this process has worked
 */
export function fileScannerFor(bytes: number, now: () => number, threads = availableParallelism()): FileScanner {
  const many = Math.min(threads, MOST_THREADS)
  return bytes < WORTH_THREADS || many < 2 ? hereScanner(now) : threadScanner(many)
}

/** Parsers are loaded for the first file. */
export function hereScanner(now: () => number): FileScanner {
  let loaded: Promise<ScanCode> | undefined
  const scan = (): Promise<ScanCode> => (loaded ??= loadScanner({ now }))
  return {
    width: 1,
    program: async (file) => scanProgram(file, await scan()),
    content: async (file) => contentOf(file, await scan()),
    close: () => undefined,
  }
}

/** A file that a thread hangs or dies of is one that was not scanned; the others are. */
export function threadScanner(width: number): FileScanner {
  const threads = Array.from(
    { length: width },
    () =>
      new OrderThread<FileOrder, FileAnswer>({
        name: 'assurance/scan/threads/worker',
        options: { workerData: width, resourceLimits: ROOM },
        limitMs: LIMIT,
        idleMs: IDLE,
        failed: (how, cause) => new SallyportError('SP_SCAN_UNREADABLE', `Scanning it ${how}.`, { cause }),
      }),
  )
  const free = [...threads]
  const run = async <Answer extends FileAnswer>(
    order: FileOrder,
    failed: (message: string) => Answer,
  ): Promise<Answer> => {
    const thread = free.pop() ?? (threads[0] as (typeof threads)[number])
    try {
      return (await thread.run(order)) as Answer
    } catch (cause) {
      return failed(toSallyportError(cause).detail)
    } finally {
      free.push(thread)
    }
  }
  return {
    width,
    program: (file) => run({ as: 'program', file }, (message) => unreadProgram(file, 'SP_SCAN_UNREADABLE', message)),
    content: (file) => run({ as: 'content', file }, (message) => [unread(file.name, 'unreadable', message)]),
    close: () => {
      for (const thread of threads) thread.close()
    },
  }
}

/** What is made of each, in their order, `width` at once. The first failure ends it. */
export async function inOrder<T, R>(
  items: readonly T[],
  width: number,
  make: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const made: R[] = []
  const left = items.entries()
  let failed = false
  const work = async (): Promise<void> => {
    try {
      for (const [i, item] of left) {
        if (failed) return
        made[i] = await make(item)
      }
    } catch (cause) {
      failed = true
      throw cause
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  return made
}
