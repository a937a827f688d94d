import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExternalHead, type Json, jsonLine, type LogFinding, SallyportError } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { readNotes } from '../../store/heads.ts'
import { openArchive } from '../../store/open-archive.ts'
import { createSeal, type Seal } from '../../store/seal.ts'
import { verifyArchive, type ArchiveReport } from '../../store/verify-archive.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { readPublicKey } from './public-key.ts'

/** Reads the files themselves, whatever a gateway says; exit 1 when something is wrong. */
export const run: CommandRun = async (io, _args, options) => {
  const publicKey = readPublicKey(io, options)
  const url = options['url']
  const path = typeof options['store'] === 'string' ? options['store'] : join(io.stateDir, 'state.db')
  const running = await io.gateway.alive().catch(() => false)
  const archive = await openArchive(typeof url === 'string' ? { url } : { path })
  try {
    const files = typeof url === 'string' ? [] : await fileFindings(path, running, archive)
    const own =
      typeof url === 'string' ? [] : readNotes(`${path}-head`).map((note) => ({ note, place: `${path}-head` }))
    const outside = headsOf(options)
    const seal = readSeal(io)
    const report = await verifyArchive(archive, { publicKey, files, own, heads: outside, ...(seal ? { seal } : {}) })
    if (io.json) io.out(jsonLine({ ...(report as unknown as Record<string, Json>), gatewayRunning: running }).trimEnd())
    else print(io, report, running)
    return report.ok ? 0 : 1
  } finally {
    await archive.close()
  }
}

function headsOf(options: CliOptions): readonly ExternalHead[] {
  const given = options['against']
  const files = typeof given === 'string' ? [given] : Array.isArray(given) ? (given as readonly string[]) : []
  return files.flatMap((place) => {
    const notes = readNotes(place)
    if (notes.length === 0) throw new SallyportError('SP_CONFIG_NOT_FOUND', `There is no head in ${place}.`)
    return notes.map((note) => ({ note, place }))
  })
}

/** A store that was not closed has a write-ahead log; when it is gone, so are its last records (T-167). */
async function fileFindings(
  path: string,
  running: boolean,
  archive: Awaited<ReturnType<typeof openArchive>>,
): Promise<LogFinding[]> {
  if (running || existsSync(`${path}-wal`)) return []
  const open = (await archive.streams().catch(() => [])).filter((row) => row.owner !== '')
  return open.map(({ stream }) => ({
    ...{ kind: 'files', stream, seq: 0 },
    message: `The store was not closed and its write-ahead log ${path}-wal is gone: records may be missing.`,
  }))
}

function readSeal(io: CliIo): Seal | undefined {
  const path = join(io.stateDir, 'keys', 'mac.key')
  return existsSync(path) ? createSeal(readFileSync(path)) : undefined
}

function print(io: CliIo, report: ArchiveReport, running: boolean): void {
  if (running) io.err('A gateway is running: what it writes meanwhile is not part of this check.')
  for (const stream of report.streams) {
    const pruned = stream.pruned > 0 ? `, the first ${stream.pruned} pruned` : ''
    io.out(`${escapeText(stream.stream)}: ${stream.size} records${pruned}. ${escapeText(stream.statement)}`)
  }
  for (const { kind, stream, message } of report.findings)
    io.out(`${kind.toUpperCase()}  ${escapeText(stream)}  ${escapeText(message)}`)
  if (report.assertions > 0) io.out(`${report.assertions} decisions by passkey were checked again.`)
  if (report.orphans.length > 0) {
    io.out(`${report.orphans.length} calls were allowed and have no outcome; they may have run:`)
    for (const orphan of report.orphans.slice(0, 20))
      io.out(`  ${orphan.timestamp}  ${escapeText(orphan.toolName)}  ${escapeText(orphan.auditId)}`)
  }
  io.out(
    report.ok ? 'Nothing is wrong.' : `${report.findings.length} finding${report.findings.length === 1 ? '' : 's'}.`,
  )
}
