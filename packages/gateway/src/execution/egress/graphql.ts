import { isJsonObject, mayBeMember, queryMembers, type GraphqlOperation, type Json } from '@sallyport/core'
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql'

/** A request that may carry operations (GraphQL over HTTP, working draft of 2025). */
export interface GraphqlCarrier {
  readonly method: string
  readonly search: string
  readonly type: string | undefined
  /** Of the body; undefined when it is no text. */
  readonly text: string | undefined
  readonly json: Json | undefined
}

/** Tokens of a document; longer ones are not read. */
const MOST_TOKENS = 20_000
/** Fields of all operations of a request, each time they are asked for. */
const MOST_FIELDS = 100_000
/** What a server may read of a body; another member may name an operation that the server knows already. */
const MEMBERS = ['query', 'operationName', 'variables', 'extensions']

/**
 * All operations of a request, whichever of them it asks for; undefined when there is none, or when one cannot be read: a query that the
 * server knows by its hash, too.
 */
export async function graphqlOperations(carrier: GraphqlCarrier): Promise<readonly GraphqlOperation[] | undefined> {
  const documents = documentsOf(carrier)
  if (documents === undefined || documents.length === 0) return undefined
  const { Kind, parse } = await import('graphql')
  const found: GraphqlOperation[] = []
  let fields = 0
  const count = (more: number): void => {
    fields += more
    if (fields > MOST_FIELDS) throw new RangeError('There are too many fields.')
  }
  for (const text of documents) {
    try {
      const { definitions } = parse(text, { noLocation: true, maxTokens: MOST_TOKENS })
      const fragments = new Map(
        definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
      )
      const topFields = createTopFields(fragments, count)
      for (const one of definitions)
        if (one.kind === Kind.OPERATION_DEFINITION)
          found.push({ kind: one.operation, fields: topFields(one.selectionSet) })
    } catch {
      return undefined
    }
  }
  return found.length === 0 ? undefined : found
}

/** Undefined when something that should hold one does not. */
function documentsOf({ method, search, type, text, json }: GraphqlCarrier): readonly string[] | undefined {
  // a server may prefer what stands in the query even for POST
  const inUrl = queryMembers(search).flatMap(([name, value]) => (mayBeMember(name, 'query') ? [value] : []))
  if (method === 'GET' && text === '') return inUrl
  if (type === 'application/graphql') return text === undefined ? undefined : [...inUrl, text]
  const bodies = json === undefined ? [] : Array.isArray(json) ? json : [json]
  if (bodies.length === 0) return undefined
  const queries = bodies.map((one) =>
    isJsonObject(one) && typeof one['query'] === 'string' && Object.keys(one).every((key) => MEMBERS.includes(key))
      ? one['query']
      : undefined,
  )
  return queries.every((one) => one !== undefined) ? [...inUrl, ...queries] : undefined
}

/** Reads the fields at the top of selections; each fragment is read once. */
function createTopFields(fragments: ReadonlyMap<string, FragmentDefinitionNode>, count: (fields: number) => void) {
  const known = new Map<string, ReadonlySet<string> | 'being read'>()
  const ofFragment = (name: string): ReadonlySet<string> => {
    const read = known.get(name)
    const fragment = fragments.get(name)
    if (fragment === undefined || read === 'being read') throw new RangeError('A fragment is missing, or holds itself.')
    if (read !== undefined) return read
    known.set(name, 'being read')
    const fields = new Set(of(fragment.selectionSet))
    known.set(name, fields)
    return fields
  }
  const of = ({ selections }: SelectionSetNode): readonly string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === 'InlineFragment') return of(selection.selectionSet)
      const names = selection.kind === 'Field' ? [selection.name.value] : [...ofFragment(selection.name.value)]
      count(names.length)
      return names
    })
  return (set: SelectionSetNode): readonly string[] => [...new Set(of(set))]
}
