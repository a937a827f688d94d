import { join } from 'node:path'
import {
  addedText,
  findSecrets,
  type Change,
  type InjectionDetector,
  type JsonObject,
  type KnownSecrets,
  type Level,
  type Suppression,
  GATE_TABLE,
  gatePolicy,
  reaches,
  type GatePolicy,
} from '@sallyport/core'
import type { LandingPort, LandingRequest, LandingVerdict } from '../../boundary/ports-landing.ts'
import { refuse, type GateFinding } from '../../boundary/ports.ts'
import { answeredFor } from './answered-for.ts'
import { findingsOf } from './gate.ts'

export interface LandingGateDeps {
  readonly detector: InjectionDetector
  readonly known?: KnownSecrets
  readonly table?: Readonly<Record<string, GatePolicy>>
  readonly suppressions?: readonly Suppression[]
  /** ms since 1970. */
  readonly now: () => number
  /** Resolves when it is durable. */
  readonly record: (level: Level, body: JsonObject) => Promise<void>
}

/** UTF-16 units of new text that are looked at, for one file and for all; more does not land. */
const MOST_TEXT = 1 << 20
const MOST_TEXTS = 8 << 20
/** Bytes of a text file that is read at all. */
const MOST_FILE = 16 << 20
/** Changes and findings that a record names; the rest is counted. */
const MOST_NAMED = 200

interface Seen {
  readonly findings: readonly GateFinding[]
  /** How many secrets by family, of which file. */
  readonly secrets: readonly { readonly path: string; readonly family: string }[]
  /** The file with more new text than is looked at. */
  readonly unread?: string
}

/**
 * Decides whether changes land (E-69, T-141): protected names and links never; the rest as policy says of a call that names these files;
 * new lines of text as the table says for `group:fs`, where nothing can be taken out of a file, so that `sanitize` refuses as well.
 * Secrets are put on record. The record comes first.
 */
export function createLandingGate(deps: LandingGateDeps): LandingPort {
  const policy = gatePolicy(['group:fs'], { ...GATE_TABLE, ...deps.table })
  return async (request) => {
    const seen = await look(request, deps)
    const verdict = verdictOf(request, seen, policy)
    const { changes } = request
    await deps.record(verdict.ok ? 'info' : 'warn', {
      event: 'landing',
      server: request.server,
      toolName: request.tool,
      landing: verdict.ok ? 'allowed' : 'refused',
      ...(verdict.ok ? {} : { code: verdict.code, reason: verdict.reason }),
      changes: changes.slice(0, MOST_NAMED).map(noteOf),
      changeCount: changes.length,
      findings: seen.findings.slice(0, MOST_NAMED).map((finding) => ({ ...finding })),
      secrets: seen.secrets.slice(0, MOST_NAMED).map((secret) => ({ ...secret })),
    })
    return verdict
  }
}

function verdictOf(
  { refused, changes, workspace, decideWritten }: LandingRequest,
  { findings, unread }: Seen,
  policy: GatePolicy,
): LandingVerdict {
  const [first] = refused
  if (first !== undefined) return refuse('SP_SANDBOX_LANDING', `${JSON.stringify(first.path)} ${first.reason}.`)
  if (unread !== undefined) {
    return refuse('SP_SANDBOX_LANDING', `${JSON.stringify(unread)} has more new text than is looked at.`)
  }
  const decided = decideWritten(
    changes.map(({ path }) => join(workspace, path)),
    workspace,
  )
  if (!decided.ok) return decided
  const acts = policy.action === 'block' || policy.action === 'sanitize'
  const grave = findings.find(({ severity, suppressed }) => suppressed === undefined && reaches(severity, policy))
  if (!acts || grave === undefined) return { ok: true }
  return refuse('SP_CONTENT_INJECTION', `${JSON.stringify(grave.path)} holds text that tries to steer an assistant.`)
}

async function look({ server, tool, changes, textsOf }: LandingRequest, deps: LandingGateDeps): Promise<Seen> {
  const findings: GateFinding[] = []
  const secrets: { path: string; family: string }[] = []
  let total = 0
  for (const change of changes) {
    const { path, kind, isBinary, size } = change
    findings.push(...findingsOf(path, path, deps.detector))
    if (isBinary || size === 0 || kind === 'mode') continue
    if (size > MOST_FILE) return { findings, secrets, unread: path }
    const { before, after } = textsOf(change)
    const text = addedText(before, after)
    total += text.length
    if (text.length > MOST_TEXT || total > MOST_TEXTS) return { findings, secrets, unread: path }
    findings.push(...findingsOf(text, path, deps.detector))
    const known = deps.known === undefined ? {} : { known: deps.known }
    for (const { family } of findSecrets(text, 'result', known)) secrets.push({ path, family })
    // others get their turn between two files
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { findings: answeredFor(findings, { server, tool }, deps.suppressions ?? [], deps.now()), secrets }
}

const digestOf = (entry: Change['before']): JsonObject | null =>
  entry === undefined
    ? null
    : entry.kind === 'file'
      ? { kind: 'file', mode: entry.mode, digest: entry.digest }
      : { ...entry }

const noteOf = ({ path, kind, before, after }: Change): JsonObject => ({
  path,
  change: kind,
  before: digestOf(before),
  after: digestOf(after),
})
