import { pathMatches, pathMayMatch } from '../credential/binding.ts'
import { globMatches } from './glob.ts'

/** What a request of a program may look like; all that is given has to fit. */
export interface RequestShape {
  /** In upper case. */
  readonly methods?: readonly string[] | undefined
  /** `/repos/acme/**` whatever is below, `*` one segment. */
  readonly paths?: readonly string[] | undefined
  /** Members of the query by name, with `*` for any characters. Where it is given, others are of no such request. */
  readonly query?: Readonly<Record<string, readonly string[]>> | undefined
  /** Media types of bodies, without parameters. */
  readonly types?: readonly string[] | undefined
  readonly graphql?: GraphqlShape | undefined
  readonly mcp?: McpShape | undefined
}

interface GraphqlShape {
  readonly operations: readonly GraphqlKind[]
  /** Fields at the top, with `*` for any characters. */
  readonly fields?: readonly string[] | undefined
}
type GraphqlKind = 'query' | 'mutation' | 'subscription'

interface McpShape {
  readonly methods: readonly string[]
  /** Names for `tools/call`. */
  readonly tools?: readonly string[] | undefined
}

export interface GraphqlOperation {
  readonly kind: GraphqlKind
  /** By their names, not their aliases, through fragments. */
  readonly fields: readonly string[]
}
export interface McpMessage {
  /** Empty: an answer to the server. */
  readonly method: string
  readonly tool?: string
}

/** A request as it was read, once. */
export interface RequestFacts {
  readonly method: string
  /** Other methods that a server may take it for. */
  readonly overrides?: readonly string[] | undefined
  /** Without query. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly search: string
  /** Without parameters, lower case; empty: a body of which its sender says no type that is one; undefined: no body. */
  readonly type: string | undefined
  /** Undefined: it is none, or cannot be read as one. */
  readonly graphql?: readonly GraphqlOperation[] | undefined
  readonly mcp?: readonly McpMessage[] | undefined
}

/** Members in the order in which they are looked at; that which fits last says why a request is refused. */
const MEMBERS = ['methods', 'paths', 'query', 'types', 'graphql', 'mcp'] as const
export type RequestMember = (typeof MEMBERS)[number]

type Question = 'allow' | 'deny'
/**
 * Whether one member fits. A list of several (a batch, a query with a repeated member) is allowed when all of it is, and denied when some
 * of it is.
 */
const FITS: Readonly<Record<RequestMember, (shape: RequestShape, facts: RequestFacts, question: Question) => boolean>> =
  {
    methods: ({ methods }, { method, overrides = [] }, question) =>
      methods === undefined || among([method, ...overrides], question, (one) => methods.includes(one)),
    paths: ({ paths }, { path }, question) =>
      paths === undefined ||
      paths.some((pattern) => (question === 'allow' ? pathMatches : pathMayMatch)(pattern, path)),
    query: ({ query }, { search }, question) => query === undefined || queryFits(query, search, question),
    types: ({ types }, { type }, question) =>
      types === undefined || type === undefined || types.includes(type) || (type === '' && question === 'deny'),
    graphql: ({ graphql: shape }, { graphql }, question) =>
      shape === undefined || among(graphql, question, (operation) => graphqlFits(shape, operation, question)),
    mcp: ({ mcp: shape }, { mcp }, question) =>
      shape === undefined || among(mcp, question, (message) => mcpFits(shape, message, question)),
  }

/** The first member that does not fit; undefined when the request is of this shape. */
export function misfit(shape: RequestShape, facts: RequestFacts, question: Question): RequestMember | undefined {
  return MEMBERS.find((member) => !FITS[member](shape, facts, question))
}

/** How far a request came, for telling which of several refusals is the nearest. */
export const reachOf = (member: RequestMember): number => MEMBERS.indexOf(member)

/** Whether a request has to be read whole before it can be judged by this shape. */
export const readsBody = ({ graphql, mcp }: RequestShape): boolean => graphql !== undefined || mcp !== undefined

/** What could not be read is allowed by nothing, and denied by everything that would have to read it. */
function among<T>(list: readonly T[] | undefined, question: Question, fits: (one: T) => boolean): boolean {
  if (list === undefined || list.length === 0) return question === 'deny'
  return question === 'allow' ? list.every(fits) : list.some(fits)
}

function graphqlFits({ operations, fields }: GraphqlShape, operation: GraphqlOperation, question: Question): boolean {
  if (!operations.includes(operation.kind)) return false
  return fields === undefined || among(operation.fields, question, (field) => globMatches(fields, field))
}

function mcpFits({ methods, tools }: McpShape, { method, tool }: McpMessage, question: Question): boolean {
  // answers to the server's own requests come with the connection
  if (method === '') return true
  if (!globMatches(methods, method)) return false
  if (method !== 'tools/call' || tools === undefined) return true
  return tool === undefined ? question === 'deny' : globMatches(tools, tool)
}

function queryFits(shape: NonNullable<RequestShape['query']>, search: string, question: Question): boolean {
  const given = queryMembers(search)
  if (question === 'allow')
    return given.every(([name, value]) => Object.hasOwn(shape, name) && globMatches(shape[name] ?? [], value))
  return Object.entries(shape).every(([name, patterns]) =>
    given.some(([one, value]) => mayBeMember(one, name) && globMatches(patterns, value)),
  )
}

/** Members of a query as any server may read them: some take `;` for `&`. */
export const queryMembers = (search: string): readonly (readonly [name: string, value: string])[] => [
  ...new URLSearchParams(search),
  ...(search.includes(';') ? new URLSearchParams(search.replaceAll(';', '&')) : []),
]

/** Whether some server may take a name in a query or a form for another. */
export const mayBeMember = (given: string, name: string): boolean => foldedName(given) === foldedName(name)

/** Some servers read names in any case, drop white space, take `a[]` for `a`, and `.` or a space for `_`. */
const foldedName = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[[\0].*$/s, '')
    .replace(/[. ]/g, '_')
