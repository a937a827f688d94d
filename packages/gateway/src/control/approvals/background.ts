import { isJsonObject, parseJson, type ApprovalStory, type EarlierCalls, type Grant, type Json } from '@sallyport/core'
import type { NewApproval } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'

export interface BackgroundDeps {
  readonly store: Pick<Store, 'readLog'>
  /** What happened to an agent instance, oldest first; `integrity` is set where its labels got worse. */
  readonly storyOf: (instance: string) => Json
  /** Addresses, accounts and names of the operator's book. */
  readonly known: readonly string[]
}

/** Earlier calls that are looked at. */
const LOOKED_AT = 50
const MOST_GRANTS = 20
const MOST_KNOWN = 200
const MOST_READS = 20

export type Background = (wanted: NewApproval, grants: Iterable<Grant>) => Promise<ApprovalStory>

/** Takes down what surrounds a request when it is made: shown to people, decided on by nobody. */
export function createBackground({ store, storyOf, known }: BackgroundDeps): Background {
  return async (wanted, grants) => {
    const { binding } = wanted
    const records = await store.readLog({
      ...{ kind: 'decision', agent: binding.principal, tool: binding.tool },
      ...{ newest: true, limit: LOOKED_AT + 1 },
    })
    const earlier = records.map(({ body }) => parseJson(body)).filter(isJsonObject)
    const others = earlier.filter(({ auditId }) => auditId !== wanted.auditId)
    const values = others.map(({ parameters }) => leavesOf(parameters ?? null))
    const { principal, instance } = binding
    const standing = [...grants].filter(({ origin: { request } }) => {
      return request.binding.principal === principal && request.binding.instance === instance
    })
    const met = wanted.sinks.flatMap(({ path }) => values.flatMap((leaves) => leaves.get(path) ?? []))
    return {
      ...wanted.story,
      reads: readsOf(storyOf(instance)),
      earlier: compared(wanted, others.slice(-LOOKED_AT), values.slice(-LOOKED_AT), others.length > LOOKED_AT),
      grants: standing.slice(0, MOST_GRANTS).map(({ origin, until }) => {
        const { tool, sinks } = origin.request.binding
        return { tool, sinks: sinks.map(({ value }) => value), until }
      }),
      known: [...new Set([...known, ...met])].slice(0, MOST_KNOWN),
      claims: claimsOf(wanted),
    }
  }
}

/** Arguments by which agents explain themselves; they decide nothing and are shown as what they are (T-036). */
const EXPLAINS = /^(?:description|explanation|justification|purpose|rationale|thought)$/i
const MOST_CLAIM = 2_000

function claimsOf({ args, story }: NewApproval): Readonly<Record<string, string>> {
  const plain = new Set((story?.provenance ?? []).filter(({ role }) => role === 'param').map(({ path }) => path))
  const said = Object.entries(args).filter(([name, value]) => {
    return EXPLAINS.test(name) && plain.has(name) && typeof value === 'string' && value.length <= MOST_CLAIM
  })
  return Object.fromEntries(said) as Record<string, string>
}

type Leaves = ReadonlyMap<string, readonly string[]>

function compared(
  { sinks, args }: NewApproval,
  others: readonly { readonly [name: string]: Json }[],
  values: readonly Leaves[],
  more: boolean,
): EarlierCalls {
  const allowed = others.filter(({ policyDecision }) => policyDecision === 'allowed').length
  const denied = others.filter(({ policyDecision }) => policyDecision === 'denied').length
  const paths = new Set(values.flatMap((leaves) => [...leaves.keys()].map(top)))
  return {
    ...{ calls: others.length, allowed, denied, more },
    same: sinks.map(({ path, value }) => {
      return { path, count: values.filter((leaves) => leaves.get(path)?.includes(value) === true).length }
    }),
    newArguments: others.length === 0 ? [] : Object.keys(args).filter((name) => !paths.has(name)),
  }
}

const top = (path: string): string => /^[^.[]+/.exec(path)?.[0] ?? path

/** Texts of a record's arguments by path (`to[]`), redacted as the record is. */
function leavesOf(value: Json): Leaves {
  const found = new Map<string, string[]>()
  const walk = (node: Json, path: string): void => {
    if (Array.isArray(node)) for (const item of node as readonly Json[]) walk(item, `${path}[]`)
    else if (isJsonObject(node)) {
      for (const [key, item] of Object.entries(node)) walk(item, path === '' ? key : `${path}.${key}`)
    } else found.set(path, [...(found.get(path) ?? []), typeof node === 'string' ? node : JSON.stringify(node)])
  }
  walk(value, '')
  return found
}

function readsOf(shown: Json): NonNullable<ApprovalStory['reads']> {
  const entries = isJsonObject(shown) ? shown['story'] : undefined
  if (!Array.isArray(entries)) return []
  const worse = (entries as readonly Json[]).filter((entry) => isJsonObject(entry) && entry['integrity'] !== undefined)
  return worse.slice(-MOST_READS).map((entry) => {
    const { at, text } = entry as { readonly at: string; readonly text: string }
    return { at, text }
  })
}
