/** A tool as a server describes it. Everything but the name may be missing or wrong. */
export interface ListedTool {
  readonly name: string
  readonly description: string
  /** The definition as it came. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** One server of a scan. */
export interface ListedServer {
  /** Path or alias. */
  readonly name: string
  /** Text that places are counted in. */
  readonly text: string
  readonly tools: readonly ListedTool[]
  /** Prompts, resources, instructions: everything else that a model reads. */
  readonly rest: readonly (readonly [what: string, value: unknown])[]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads the result of `tools/list`: bare, in a JSON-RPC envelope, or a list. Undefined: it is none. */
export function readTools(name: string, text: string): ListedServer | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (isRecord(value) && isRecord(value['result'])) value = value['result']
  const list = Array.isArray(value) ? value : isRecord(value) ? value['tools'] : undefined
  if (!Array.isArray(list)) {
    if (
      !isRecord(value) ||
      !['prompts', 'resources', 'resourceTemplates', 'instructions'].some((key) => key in (value as object))
    )
      return undefined
  }
  const tools = (Array.isArray(list) ? list : []).filter(isRecord).map((raw) => ({
    name: typeof raw['name'] === 'string' ? raw['name'] : '',
    description: typeof raw['description'] === 'string' ? raw['description'] : '',
    raw,
  }))
  const rest = isRecord(value)
    ? Object.entries(value).filter(
        ([key]) => key !== 'tools' && key !== 'nextCursor' && key !== 'jsonrpc' && key !== 'id',
      )
    : []
  return { name, text, tools, rest }
}

/** A text in a definition and where it stands: `inputSchema.properties.q.description`. */
export interface DefinitionText {
  readonly path: string
  readonly key: string
  readonly text: string
  /** Name of a member rather than a value. */
  readonly isName: boolean
}

/** All texts of a definition, names of members as well; bounded in depth. */
export function* textsOf(value: unknown, path = '', key = '', depth = 0): Iterable<DefinitionText> {
  if (depth > 40) return
  if (typeof value === 'string') yield { path, key, text: value, isName: false }
  else if (Array.isArray(value))
    for (const [index, inner] of value.entries()) yield* textsOf(inner, `${path}[${index}]`, key, depth + 1)
  else if (isRecord(value))
    for (const [name, inner] of Object.entries(value)) {
      yield { path: path === '' ? name : `${path}.${name}`, key: name, text: name, isName: true }
      yield* textsOf(inner, path === '' ? name : `${path}.${name}`, name, depth + 1)
    }
}

/** Parameters of a tool with their schemas, those of nested objects as well. */
export function* parametersOf(
  schema: unknown,
  required = false,
  depth = 0,
): Iterable<{ readonly name: string; readonly schema: Readonly<Record<string, unknown>>; readonly required: boolean }> {
  if (!isRecord(schema) || depth > 12) return
  const properties = schema['properties']
  const must = Array.isArray(schema['required']) ? schema['required'] : []
  if (isRecord(properties))
    for (const [name, inner] of Object.entries(properties)) {
      const own = isRecord(inner) ? inner : {}
      yield { name, schema: own, required: required || must.includes(name) }
      yield* parametersOf(own, false, depth + 1)
    }
  yield* parametersOf(schema['items'], false, depth + 1)
}
