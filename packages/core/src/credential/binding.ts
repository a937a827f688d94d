import { hostMatches, type HostRule } from '../egress/hosts.ts'

/** What a credential is for (HB-64): one of them for each, so that a stolen one can do little. */
export type CredentialCategory = 'read' | 'write' | 'external'

/** Where and by whom a credential may be used. All of it holds at once (HB-59, HB-88, HB-93). */
export interface CredentialBinding {
  readonly name: string
  /** Names of agents. */
  readonly agents: readonly string[]
  readonly hosts: readonly HostRule[]
  /** In upper case. */
  readonly methods: readonly string[]
  /** `/repos/acme/*` one segment, `/repos/acme/**` whatever is below. */
  readonly paths: readonly string[]
}

/** A request that would like to have a credential. */
export interface CredentialUse {
  readonly agent: string
  readonly host: string
  readonly port: number
  readonly method: string
  /** Without query. */
  readonly path: string
}

export type BindingVerdict =
  { readonly ok: true } | { readonly ok: false; readonly member: keyof CredentialBinding; readonly reason: string }

/** Whether this credential goes with this request; a refusal names what was asked and what is allowed (AC-4.4.3). */
export function judgeUse(binding: CredentialBinding, use: CredentialUse): BindingVerdict {
  const { agents, hosts, methods, paths, name } = binding
  const no = (member: keyof CredentialBinding, asked: string, allowed: readonly string[]): BindingVerdict => ({
    ...{ ok: false, member },
    reason: `${name} is for ${allowed.join(', ')}, not for ${asked}.`,
  })
  if (!agents.includes(use.agent)) return no('agents', `the agent ${use.agent}`, agents)
  if (!hosts.some((rule) => hostMatches(rule, use.host, use.port)))
    return no(
      'hosts',
      `${use.host}:${use.port}`,
      hosts.map(({ text }) => text),
    )
  if (!methods.includes(use.method)) return no('methods', use.method, methods)
  if (!paths.some((pattern) => pathMatches(pattern, use.path))) return no('paths', use.path, paths)
  return { ok: true }
}

/**
 * Whether a path of a request is of a pattern. A path that servers read in more than one way is of none: dot segments, however they are
 * disguised, encoded slashes and signs that end a path, overlong UTF-8, empty segments, backslashes, fragments, what is no visible ASCII (T-116).
 */
export function pathMatches(pattern: string, path: string): boolean {
  return isPlain(path) && segmentsMatch(pattern.split('/'), path.split('/'))
}

/**
 * Whether some server may take a path for one of a pattern, as is asked of what must not pass: however it is encoded, in whatever case, with
 * a slash behind it. A path that servers read in more than one way may be any.
 */
export function pathMayMatch(pattern: string, path: string): boolean {
  if (!isPlain(path)) return true
  const given = folded(path)
  if (given === undefined) return true
  const wanted = (folded(pattern) ?? pattern).split('/')
  return segmentsMatch(wanted, given.split('/')) || segmentsMatch(wanted, given.replace(/\/$/, '').split('/'))
}

function folded(path: string): string | undefined {
  try {
    return decodeURIComponent(path).normalize('NFKC').toLowerCase()
  } catch {
    return undefined
  }
}

const isPlain = (path: string): boolean =>
  path.startsWith('/') && !AMBIGUOUS.test(path) && path.split('/', MOST_SEGMENTS + 1).length <= MOST_SEGMENTS

const MOST_SEGMENTS = 256
const AMBIGUOUS =
  /\/\.{1,2}(?:%20|%09)*(?:\/|$)|\/\/|[\\;#?]|[^\x21-\x7e]|%(?:2e|2f|5c|25|23|3f|3b|7f|c[01]|u|[01][0-9a-f])/i

/** Row by row, so that no pattern and no path take more than their lengths multiplied. `**` at the end stands for one segment at least. */
function segmentsMatch(wanted: readonly string[], given: readonly string[]): boolean {
  /** Whether what is wanted so far matches the first `n` segments. */
  let row = [true, ...given.map(() => false)]
  wanted.forEach((part, at) => {
    const isLast = at === wanted.length - 1
    const next = given.map(() => false)
    next.unshift(part === '**' && !isLast && row[0] === true)
    for (let n = 1; n <= given.length; n++) {
      const segment = given[n - 1] ?? ''
      if (part === '**') next[n] = row[n - 1] === true || next[n - 1] === true || (!isLast && row[n] === true)
      else next[n] = row[n - 1] === true && (part === '*' ? segment !== '' : part === segment)
    }
    row = next
  })
  return row[given.length] === true
}
