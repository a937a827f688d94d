import { verifyCheckpoint, type Head } from '@sallyport/core/audit/checkpoint'
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Checkpoint } from './ports.ts'

/** The newest heads are at the end; more than this is never read. */
const READ_BYTES = 1024 * 1024

/** File for a stream's heads: `exportTo` itself, or `<stream>.heads` when it is a directory. */
function headsFile(exportTo: string, stream: string): string {
  const directory = statSync(exportTo, { throwIfNoEntry: false })?.isDirectory() === true
  return directory ? join(exportTo, `${stream.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}.heads`) : exportTo
}

/** Appends a head as one NDJSON line `{stream,size,note}` to a place that the gateway should not be able to rewrite. */
export function exportHead(exportTo: string, checkpoint: Checkpoint): void {
  const { stream, size, note } = checkpoint
  appendFileSync(headsFile(exportTo, stream), `${JSON.stringify({ stream, size, note })}\n`, { mode: 0o600 })
}

/** The newest head next to the store: shows a write-ahead log that was removed while the gateway was down (T-167). */
export function keepHead(path: string, checkpoint: Checkpoint): void {
  writeFileSync(`${path}-head.tmp`, checkpoint.note, { mode: 0o600 })
  renameSync(`${path}-head.tmp`, `${path}-head`)
}

/** Notes in a file of heads: NDJSON lines as exported, or one note as it is. In a directory, the file of `stream`. */
export function readNotes(place: string, stream?: string): readonly string[] {
  const file = stream === undefined ? place : headsFile(place, stream)
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  if (!text.trimStart().startsWith('{')) return text.trim() === '' ? [] : [text]
  const lines = text.slice(-READ_BYTES).split('\n')
  return lines.flatMap((line) => {
    try {
      const { note } = JSON.parse(line) as { note?: unknown }
      return typeof note === 'string' ? [note] : []
    } catch {
      return []
    }
  })
}

/** The newest head of this origin among `notes` that this key signed. */
export function newestHead(notes: readonly string[], publicKey: Uint8Array, origin: string): Head | undefined {
  let newest: Head | undefined
  for (const note of notes) {
    const checked = verifyCheckpoint(note, publicKey, origin)
    if (checked.ok && (!newest || checked.head.size > newest.size)) newest = checked.head
  }
  return newest
}
