import { severityRank, type RegisteredTool, type Severity, type Suppression } from '@sallyport/core'
import type {
  CodeCall,
  CodePort,
  CodeVerdict,
  ScanWritten,
  WrittenFinding,
  WrittenPiece,
} from '../../../boundary/ports-code.ts'
import { refuse, type GateFinding, type GateReport } from '../../../boundary/ports.ts'
import { answeredFor } from '../answered-for.ts'
import { codePolicy, MILDEST_IN_TESTS, type CodePolicy } from './code-table.ts'
import { piecesOf } from './pieces.ts'

/** Findings that somebody has looked at, by what they are known by. */
export interface CodeBaseline {
  /** Directory that its paths are below, absolute. */
  readonly root: string
  /** Tool group it is for. */
  readonly group: string
  /** What a finding is known by → who answers for it, why, and the last day it holds (ISO), where there is one. */
  readonly known: ReadonlyMap<string, { readonly because: string; readonly until?: string | undefined }>
}

export interface CodeGateDeps {
  readonly scanWritten: ScanWritten
  /** Which pieces are worth a scan; the others are data and prose. */
  readonly isLookedAt: (piece: WrittenPiece) => boolean
  readonly table?: Readonly<Record<string, CodePolicy>>
  readonly baselines?: readonly CodeBaseline[]
  readonly suppressions?: readonly Suppression[]
  /** ms since 1970. */
  readonly now: () => number
  /** Told why something was not scanned; the agent is not. */
  readonly failed?: (why: unknown) => void
}

/** Of the question, whatever was found: code that is written has done nothing yet, and running it is asked about for itself. */
const MOST_GRAVE: Severity = 'high'
/** Findings that a person is told of with the question. */
const MOST_TOLD = 3
/** Findings in the record. */
const MOST_NOTED = 64

/** Code that a call would write or run is scanned before the call is decided on (HB-107); what cannot be scanned in time asks. */
export function createCodeGate(deps: CodeGateDeps): CodePort {
  const { scanWritten, isLookedAt, table = {}, baselines = [] } = deps
  const roots = baselines.map(({ root }) => root)
  return {
    look(tool, args, call) {
      const policy = codePolicy(tool.annotation.groups, table)
      if (policy.action === 'off') return undefined
      const pieces = piecesOf(tool, args).filter(isLookedAt)
      if (pieces.length === 0) return undefined
      return scanWritten({ pieces, cwd: call.cwd, roots })
        .catch((thrown: unknown) => {
          deps.failed?.(thrown)
          return [notScanned(pieces)]
        })
        .then((found) => judge(tool, call, found, policy, deps))
    },
  }
}

function notScanned(pieces: readonly WrittenPiece[]): WrittenFinding {
  const first = pieces.find((piece) => 'path' in piece)
  return {
    ...{ path: first?.path ?? 'command', rule: 'code.unanalysable.unread', category: 'unanalysable', line: 1 },
    severity: 'high',
    title: 'It was not scanned: the scan failed, or did not end in time',
    fix: 'Look at it by hand, or write less at once.',
    unread: true,
    prints: [],
  }
}

function judge(
  tool: RegisteredTool,
  call: CodeCall,
  found: readonly WrittenFinding[],
  policy: CodePolicy,
  deps: CodeGateDeps,
): CodeVerdict {
  if (found.length === 0) return {}
  const now = deps.now()
  const place = { server: tool.server, tool: tool.id, agent: call.agent }
  const noted = found.map((one) => notedOf(one, tool.annotation.groups, deps.baselines ?? [], now))
  const findings = answeredFor(noted, place, deps.suppressions ?? [], now)
  const grave = found
    .filter((one, i) => findings[i]?.suppressed === undefined && holds(one, policy))
    .sort((a, b) => severityRank(b.severity) - severityRank(a.severity))
  const action = grave.length === 0 ? 'allow' : policy.action === 'off' ? 'warn' : policy.action
  const worth = grave.length > 0 ? findings : findings.filter(isWorthNoting)
  if (worth.length === 0) return {}
  const report: GateReport = { action, auditLevel: 'full', findings: worth.slice(0, MOST_NOTED) }
  if (action === 'allow' || action === 'warn') return { report }
  const reason = reasonOf(grave)
  if (action === 'block') return { report, refusal: refuse('SP_CONTENT_CODE', reason) }
  const rules = [...new Set(grave.map(({ rule }) => rule))]
  return { report, hold: { reason, severity: MOST_GRAVE, rules } }
}

/** Everyday code is full of places that weigh little; what was not scanned is always said. */
const isWorthNoting = ({ severity, category }: GateFinding): boolean =>
  category === 'unanalysable' || severityRank(severity) >= severityRank('medium')

function holds({ severity, unread, inTest }: WrittenFinding, { severityThreshold }: CodePolicy): boolean {
  if (unread === true) return true
  const threshold: Severity =
    inTest === true && severityRank(severityThreshold) < severityRank(MILDEST_IN_TESTS)
      ? MILDEST_IN_TESTS
      : severityThreshold
  return severityRank(severity) >= severityRank(threshold)
}

/** A finding as the record has it; one that a baseline knows is marked with who answers for it. */
function notedOf(
  of: WrittenFinding,
  groups: readonly string[],
  baselines: readonly CodeBaseline[],
  now: number,
): GateFinding {
  const { path, line, rule, category, severity } = of
  const today = new Date(now).toISOString().slice(0, 10)
  const entry = baselines
    .map(({ known, group }, i) => (groups.includes(group) ? known.get(of.prints[i] ?? '') : undefined))
    .find((each) => each !== undefined && (each.until === undefined || each.until >= today))
  return {
    ...{ path: `${path}:${line}`, rule, category, severity },
    ...(entry === undefined ? {} : { suppressed: entry.because }),
  }
}

function reasonOf(found: readonly WrittenFinding[]): string {
  const told = found
    .slice(0, MOST_TOLD)
    .map(({ path, line, title, rule, fix }) => `${path}, line ${line}: ${sentence(title)} (${rule}) ${sentence(fix)}`)
  const more = found.length - told.length
  return `Code that this call would write or run was objected to. ${told.join(' ')}${more > 0 ? ` And ${more} more.` : ''}`
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
