import type { Readable } from 'node:stream'
import type { RunningSandbox } from '../sandbox/sandbox.ts'

export interface Finished {
  readonly code: number
  readonly timedOut: boolean
  /** UTF-8; bytes that are none show as U+FFFD. */
  readonly stdout: string
  readonly stderr: string
  /** Something was said beyond what is kept. */
  readonly cut: boolean
}

/** Bytes of each stream that are kept, and of both together after which the command is ended: nobody reads that. */
const KEPT = 1 << 20
const MOST = 64 << 20

/** Waits for a command and takes what it says, a bounded part of it. */
export async function collect({ child, exited, kill }: RunningSandbox): Promise<Finished> {
  let total = 0
  const take = (stream: Readable | null): { readonly chunks: Buffer[]; bytes: number } => {
    const taken = { chunks: [] as Buffer[], bytes: 0 }
    stream?.on('data', (chunk: Buffer) => {
      total += chunk.length
      if (total > MOST) kill()
      if (taken.bytes < KEPT) taken.chunks.push(chunk.subarray(0, KEPT - taken.bytes))
      taken.bytes += chunk.length
    })
    stream?.on('error', () => undefined)
    return taken
  }
  const [stdout, stderr] = [take(child.stdout), take(child.stderr)]
  child.stdin?.end()
  const { code, timedOut } = await exited
  const text = ({ chunks }: { readonly chunks: Buffer[] }): string => Buffer.concat(chunks).toString('utf8')
  return { code, timedOut, stdout: text(stdout), stderr: text(stderr), cut: stdout.bytes > KEPT || stderr.bytes > KEPT }
}
