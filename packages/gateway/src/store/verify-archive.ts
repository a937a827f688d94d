import {
  createAssertionCheck,
  createOrphanTracker,
  isJsonObject,
  verifyCheckpoint,
  verifyStream,
  type AssertionCheck,
  type ExternalHead,
  type Json,
  type LogFinding,
  type LogRecord,
  type Orphan,
  type StoredRecord,
  type VerifyReport,
} from '@sallyport/core'
import { prunedLeaves, type Archive, type ArchivedRecord, type StreamRow } from './archive.ts'
import type { Seal } from './seal.ts'

export interface ArchiveCheck {
  /** Raw Ed25519 key. */
  readonly publicKey: Uint8Array
  /** From outside the store. */
  readonly heads: readonly ExternalHead[]
  /** The head that lies next to the store: compared, but it confirms nothing. */
  readonly own?: readonly ExternalHead[]
  /** Given where the MAC key can be read: documents are checked too (T-004). */
  readonly seal?: Seal
  /** Findings about the files themselves. */
  readonly files: readonly LogFinding[]
}

export interface ArchiveReport {
  readonly ok: boolean
  readonly streams: readonly VerifyReport[]
  /** Everything, also what the streams report. */
  readonly findings: readonly LogFinding[]
  /** Calls that were allowed and have no outcome: they may have run (E-13). Not a sign of tampering. */
  readonly orphans: readonly Orphan[]
  readonly documents: number
  /** Decisions by passkey that were checked again with the public keys of the log. */
  readonly assertions: number
}

const MAX_COLUMN = 256

/** Verifies all streams of a store, its registry of streams and, with the MAC key, its documents. */
export async function verifyArchive(archive: Archive, check: ArchiveCheck): Promise<ArchiveReport> {
  const findings: LogFinding[] = [...check.files]
  const registry = await read(findings, 'audit_stream', () => archive.streams())
  const named = new Set(registry.map((row) => row.stream))
  const streams: VerifyReport[] = []
  const orphans: Orphan[] = []
  const assertions = createAssertionCheck()
  for (const row of registry) {
    const result = await verifyOne(archive, row, check, findings, assertions)
    if (!result) continue
    streams.push(result.report)
    // not spread into arguments: there may be more than the stack takes
    for (const orphan of result.orphans) orphans.push(orphan)
    for (const finding of result.report.findings) findings.push(finding)
  }
  for (const stream of await read(findings, 'audit_event', () => archive.streamsOfRecords())) {
    if (!named.has(stream)) findings.push(about('inserted', stream, 1, `No gateway ever opened a stream ${stream}.`))
  }
  for (const finding of unknownHeads(registry, check)) findings.push(finding)
  const decided = assertions.result(streams.some(({ pruned }) => pruned > 0))
  for (const finding of decided.findings) findings.push(finding)
  const documents = check.seal ? await checkDocuments(archive, check.seal, named, findings) : 0
  const { checked } = decided
  return { ok: findings.length === 0, streams, findings: unique(findings), orphans, documents, assertions: checked }
}

async function verifyOne(
  archive: Archive,
  row: StreamRow,
  { publicKey, heads, own = [] }: ArchiveCheck,
  findings: LogFinding[],
  assertions: AssertionCheck,
): Promise<{ readonly report: VerifyReport; readonly orphans: readonly Orphan[] } | undefined> {
  const { stream, origin, pruned } = row
  const tracker = createOrphanTracker()
  const mine = heads.filter((head) => isAbout(head, publicKey, origin))
  const neighbours = own.filter((head) => isAbout(head, publicKey, origin)).map((head) => head.note)
  const leaves = new LeafCache(archive, stream)
  const columnFaults: LogFinding[] = []
  try {
    const report = await verifyStream({
      ...{ stream, origin, publicKey, heads: mine },
      records: leaves.prefetching(archive.records(stream)),
      pruned: await prunedLeaves(archive, stream, pruned),
      checkpoints: [...(await archive.checkpoints(stream)), ...neighbours],
      knownLeaf: (seq) => leaves.get(seq),
      onRecord: (record) => {
        const fault = wrongColumn(record as ArchivedRecord, (body) => {
          tracker.add(body)
          assertions.add(body, stream, record.seq)
        })
        if (fault !== undefined && columnFaults.length < 10) {
          columnFaults.push(
            about(
              'columns',
              stream,
              record.seq,
              `Column ${fault} of record ${record.seq} is not what the record says.`,
            ),
          )
        }
      },
    })
    for (const fault of columnFaults) findings.push(fault)
    return { report, orphans: tracker.orphans() }
  } catch (error) {
    findings.push(about('files', stream, 0, `The stream cannot be read: ${String(error)}`))
    return undefined
  }
}

/** Tiles hold the leaf hashes a second time; one at a time is enough, since records come in order. */
class LeafCache {
  private readonly archive: Archive
  private readonly stream: string
  private index = -1
  private tile: Awaited<ReturnType<Archive['tile']>> = []

  constructor(archive: Archive, stream: string) {
    this.archive = archive
    this.stream = stream
  }

  get(seq: number): Uint8Array | undefined {
    return Math.floor((seq - 1) / 256) === this.index ? this.tile[(seq - 1) % 256] : undefined
  }

  async *prefetching(records: AsyncIterable<ArchivedRecord>): AsyncGenerator<StoredRecord> {
    for await (const record of records) {
      const index = Math.floor((record.seq - 1) / 256)
      if (index !== this.index) {
        this.index = index
        this.tile = await this.archive.tile(this.stream, index)
      }
      yield record
    }
  }
}

/** Name of the first redundant column that differs from the body. */
function wrongColumn(record: ArchivedRecord, read: (body: LogRecord) => void): string | undefined {
  let body: Json
  try {
    body = JSON.parse(record.body) as Json
  } catch {
    return 'body'
  }
  if (!isJsonObject(body)) return 'body'
  read(body as LogRecord)
  const text = (name: string): string => {
    const value = body[name]
    return typeof value === 'string' ? value.slice(0, MAX_COLUMN).replaceAll('\u0000', '\ufffd') : ''
  }
  const expected: readonly (readonly [string, string | number, string | number])[] = [
    ['ts', record.ts, Date.parse(text('timestamp'))],
    ['kind', record.kind, text('kind')],
    ['audit_id', record.auditId, text('auditId')],
    ['session', record.session, text('sessionId')],
    ['agent', record.agent, text('agentId')],
    ['tool', record.tool, text('toolName')],
    ['decision', record.decision, text('policyDecision')],
  ]
  return expected.find(([, found, wanted]) => found !== wanted)?.[0]
}

/** Heads that are genuine but of a stream that the store no longer has. */
function unknownHeads(registry: readonly StreamRow[], { heads, own = [], publicKey }: ArchiveCheck): LogFinding[] {
  const known = new Set(registry.map((row) => row.origin))
  return [...heads, ...own].flatMap(({ note, place }) => {
    const checked = verifyCheckpoint(note, publicKey)
    if (!checked.ok) {
      const message = `The head from ${place} was not signed with this key (${checked.fault}).`
      return [about('checkpoint', '', 0, message)]
    }
    if (known.has(checked.head.origin)) return []
    const { origin, size } = checked.head
    return [
      about('truncated', origin, 1, `The stream ${origin} is missing; ${size} of its records were signed (${place}).`),
    ]
  })
}

const isAbout = (head: ExternalHead, publicKey: Uint8Array, origin: string): boolean => {
  const checked = verifyCheckpoint(head.note, publicKey)
  return checked.ok && checked.head.origin === origin
}

async function checkDocuments(
  archive: Archive,
  seal: Seal,
  streams: ReadonlySet<string>,
  findings: LogFinding[],
): Promise<number> {
  let count = 0
  try {
    for await (const row of archive.documents()) {
      count++
      if (!seal.open(row)) {
        findings.push(
          about('edited', '', 0, `The row ${row.kind}/${row.id} was not written by the gateway; it counts as absent.`),
        )
      } else if (row.kind === 'meta' && row.id.startsWith('stream:') && !streams.has(row.id.slice(7))) {
        findings.push(about('truncated', row.id.slice(7), 1, `The stream ${row.id.slice(7)} is missing.`))
      }
    }
  } catch (error) {
    findings.push(about('files', '', 0, `The table document cannot be read: ${String(error)}`))
  }
  return count
}

async function read<T>(
  findings: LogFinding[],
  table: string,
  work: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await work()
  } catch (error) {
    findings.push(about('files', '', 0, `The table ${table} cannot be read: ${String(error)}`))
    return []
  }
}

const about = (kind: LogFinding['kind'], stream: string, seq: number, message: string): LogFinding => ({
  kind,
  stream,
  seq,
  message,
})

const unique = (findings: readonly LogFinding[]): readonly LogFinding[] => [
  ...new Map(findings.map((finding) => [finding.message, finding])).values(),
]
