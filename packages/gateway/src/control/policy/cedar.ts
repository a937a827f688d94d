import { setFlagsFromString } from 'node:v8'
import type { CedarRequest, EstPolicy, JsonObject } from '@sallyport/core'
import type * as CedarWasm from '@cedar-policy/cedar-wasm/nodejs'

/** What the official engine says is wrong; `start` and `end` are UTF-8 byte offsets into the text it was given. */
export interface CedarFault {
  readonly policyId?: string
  readonly message: string
  readonly start: number
  readonly end: number
}
type CedarResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly CedarFault[] }

interface CedarAnswer {
  readonly decision: 'allow' | 'deny'
  /** Ids of the determining policies: all forbids that hold, or else all permits that hold. */
  readonly reasons: readonly string[]
  readonly errors: readonly string[]
}

/** The official engine (cedar-wasm). Loaded on first use: 20 ms and 30 MB that a warm start does not need. */
export interface Cedar {
  /** What makes a text too heavy to parse at all; undefined = nothing. */
  weigh(text: string): CedarFault | undefined
  /** Policies of a file in order, each as written from its first annotation to the semicolon. */
  split(text: string): CedarResult<readonly string[]>
  parse(text: string): CedarResult<EstPolicy>
  /** Strict type check of all policies against a schema. `warnings` never stop a load. */
  validate(
    schema: JsonObject,
    policies: Readonly<Record<string, string>>,
  ): CedarResult<{
    readonly errors: readonly CedarFault[]
    readonly warnings: readonly CedarFault[]
  }>
  format(text: string): string
  /** Keeps a parsed schema and parsed policies under names, for `decide`. @throws Error when they do not parse. */
  prepareSchema(name: string, schema: JsonObject): void
  preparePolicies(name: string, policies: Readonly<Record<string, string>>): void
  /** @throws Error when the request does not fit the schema, or for unknown names: a throw is a deny. */
  decide(policies: string, schema: string, request: CedarRequest): CedarAnswer
}

/** No policy is nested deeper or longer than this; the engine would overflow its stack (T-160). */
const MAX_NESTING = 64
const MAX_OPERATORS = 1_000

/**
 * V8 of Node 20 aborts the process ("unreachable code" in the deoptimizer) when a function that inlined a call into the
 * engine is deoptimised while that call runs; some thousand calls are enough. So such calls are not inlined.
 */
const NO_INLINING = '--no-turbo-inline-js-wasm-calls'

export async function loadCedar(): Promise<Cedar> {
  setFlagsFromString(NO_INLINING)
  return wrap(await import('@cedar-policy/cedar-wasm/nodejs'))
}

function wrap(wasm: typeof CedarWasm): Cedar {
  return {
    weigh,
    split(text) {
      const heavy = weigh(text)
      if (heavy !== undefined) return { ok: false, faults: [heavy] }
      const answer = call(() => wasm.policySetTextToParts(text))
      if (!answer.ok) return answer
      const parts = answer.value
      if (parts.type === 'failure') return failed(parts.errors)
      if (parts.policy_templates.length > 0) {
        const at = text.indexOf(parts.policy_templates[0] ?? '')
        return fault(
          'templates have no place here: nothing could fill their slots',
          Buffer.byteLength(text.slice(0, at)),
        )
      }
      return { ok: true, value: parts.policies }
    },
    parse(text) {
      const answer = call(() => wasm.policyToJson(text))
      if (!answer.ok) return answer
      if (answer.value.type === 'failure') return failed(answer.value.errors)
      return { ok: true, value: answer.value.json as unknown as EstPolicy }
    },
    validate(schema, policies) {
      const answer = call(() =>
        wasm.validate({
          schema: schema as unknown as CedarWasm.SchemaJson<string>,
          policies: { staticPolicies: { ...policies } },
          validationSettings: { mode: 'strict' },
        }),
      )
      if (!answer.ok) return answer
      const { value } = answer
      if (value.type === 'failure') return failed(value.errors)
      const withPolicy = ({ policyId, error }: CedarWasm.ValidationError): CedarFault => ({
        ...toFault(error),
        policyId,
      })
      return {
        ok: true,
        value: { errors: value.validationErrors.map(withPolicy), warnings: value.validationWarnings.map(withPolicy) },
      }
    },
    format(text) {
      const answer = wasm.formatPolicies({ policyText: text, lineWidth: 100, indentWidth: 2 })
      return answer.type === 'success' ? answer.formatted_policy : text
    },
    prepareSchema(name, schema) {
      demand(wasm.preparseSchema(name, schema as unknown as CedarWasm.SchemaJson<string>))
    },
    preparePolicies(name, policies) {
      demand(wasm.preparsePolicySet(name, { staticPolicies: { ...policies } }))
    },
    decide(policies, schema, request) {
      const answer = wasm.statefulIsAuthorized({
        ...(request as Pick<CedarWasm.StatefulAuthorizationCall, 'principal' | 'action' | 'resource' | 'context'>),
        entities: [],
        preparsedPolicySetId: policies,
        preparsedSchemaName: schema,
        validateRequest: true,
      })
      if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
      const { decision, diagnostics } = answer.response
      return { decision, reasons: diagnostics.reason, errors: diagnostics.errors.map((error) => error.policyId) }
    },
  }
}

function demand(answer: CedarWasm.CheckParseAnswer): void {
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
}

/** A trap inside the engine is a fault like any other. */
function call<T>(run: () => T): CedarResult<T> {
  try {
    return { ok: true, value: run() }
  } catch (error) {
    const text = error instanceof RangeError ? 'nested too deeply' : `the parser failed: ${String(error).slice(0, 200)}`
    return fault(text, 0)
  }
}

const fault = <T>(message: string, start: number): CedarResult<T> => ({
  ok: false,
  faults: [{ message, start, end: start }],
})
const failed = <T>(errors: readonly CedarWasm.DetailedError[]): CedarResult<T> => ({
  ok: false,
  faults: toFaults(errors),
})

const toFaults = (errors: readonly CedarWasm.DetailedError[]): readonly CedarFault[] => errors.map(toFault)

function toFault({ message, help, sourceLocations }: CedarWasm.DetailedError): CedarFault {
  const place = sourceLocations?.[0]
  const plain = message
    .replace(/^failed to parse (?:policies|policy(?: with id `[^`]*`)?) from string: /, '')
    .replace(/^for policy `[^`]*`, /, '')
  const expected = place?.label == null ? '' : `, ${place.label}`
  const hint = help == null || help === '' ? '' : ` (${help.replace(/^for policy `[^`]*`, /, '')})`
  return { message: `${plain}${expected}${hint}`, start: place?.start ?? 0, end: place?.end ?? 0 }
}

/** Refuses text that would nest too deeply, before the engine sees it. Strings and comments do not count. */
function weigh(text: string): CedarFault | undefined {
  let depth = 0
  let operators = 0
  const tokens = /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|&&|\|\||[()[\]{};!+\-*<>=]|\bif\b|\bin\b|\bhas\b|\./g
  for (const match of text.matchAll(tokens)) {
    const token = match[0]
    if (token.startsWith('"') || token.startsWith('//')) continue
    if (token === '(' || token === '[' || token === '{') depth++
    else if (token === ')' || token === ']' || token === '}') depth--
    else if (token === ';') operators = 0
    else operators++
    if (depth > MAX_NESTING || operators > MAX_OPERATORS) {
      const reason = depth > MAX_NESTING ? 'nested too deeply' : 'too many operators in one policy'
      const start = Buffer.byteLength(text.slice(0, match.index))
      return { message: `${reason}; split the policy`, start, end: start + token.length }
    }
  }
  return undefined
}
