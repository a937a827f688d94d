import { SallyportError, type ArgRole, type Effect, type JsonObject } from '@sallyport/core'
import type { Sallyport } from './connect.ts'
import { guard, type GuardSpec } from './guard.ts'

/** The part of a Vercel AI SDK tool that matters here; the package itself is not needed. */
export interface AiTool {
  readonly type?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema?: unknown
  // The SDK's own types for input and output are kept by `protectTools`; here they are of no interest.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly execute?: ((input: any, options: any) => unknown) | undefined
}

/** What the gateway should know of a tool; absent: `external`, every argument a place where data goes. */
export interface ProtectSpec {
  readonly effect?: Effect
  readonly args?: Readonly<Record<string, ArgRole>>
  readonly irreversible?: boolean
  readonly persist?: boolean
  readonly onUnavailable?: 'deny' | 'allow'
  readonly timeoutMs?: number
  readonly approvalTimeoutMs?: number
  /** Redact secrets in the result before the model sees it. Default true. */
  readonly inspect?: boolean
  /** JSON Schema of the arguments, where it cannot be read off the tool. */
  readonly inputSchema?: JsonObject
}

/**
 * Guards all tools of a Vercel AI SDK tool set: `generateText({ tools: protectTools(sp, { … }) })`. A denial reaches the
 * model as a tool error with reason and event id.
 * @throws SallyportError SP_SDK_UNSAFE for a tool without `execute` (the provider or somebody else runs it, past the gateway)
 */
export function protectTools<T extends Readonly<Record<string, AiTool>>>(
  sp: Sallyport,
  tools: T,
  specs: { readonly [K in keyof T]?: ProtectSpec } = {},
): T {
  const unknown = Object.keys(specs).find((name) => !Object.hasOwn(tools, name))
  if (unknown !== undefined) throw new SallyportError('SP_SDK_UNSAFE', `There is no tool ${unknown}.`)
  const entries = Object.entries(tools).map(([name, tool]) => [name, protectTool(sp, name, tool, specs[name] ?? {})])
  return Object.fromEntries(entries) as T
}

function protectTool(sp: Sallyport, name: string, tool: AiTool, spec: ProtectSpec): AiTool {
  const { execute, type } = tool
  if (type !== undefined && type !== 'function' && type !== 'dynamic') {
    throw new SallyportError('SP_SDK_UNSAFE', `${name} is run by the provider, where nobody can stop it.`)
  }
  if (execute === undefined) {
    throw new SallyportError(
      'SP_SDK_UNSAFE',
      `${name} has no execute function: somebody else runs it, past the gateway.`,
    )
  }
  const guardSpec: GuardSpec = {
    inspect: true,
    ...spec,
    name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    inputSchema: spec.inputSchema ?? jsonSchemaOf(tool.inputSchema),
  }
  const guarded = guard(sp, guardSpec, (input: object, { signal, context }) =>
    last(execute(input, { ...(context as object), abortSignal: signal })),
  )
  const wrapped = (input: object, context: { readonly abortSignal?: AbortSignal } = {}): Promise<unknown> => {
    const { abortSignal } = context
    return guarded(input, { context, ...(abortSignal === undefined ? {} : { signal: abortSignal }) })
  }
  return { ...tool, execute: wrapped }
}

/** A tool may stream partial results; the model gets the last one, which is what is inspected and reported. */
async function last(output: unknown): Promise<unknown> {
  const settled = await output
  if (typeof settled !== 'object' || settled === null || !(Symbol.asyncIterator in settled)) return settled
  let final: unknown
  for await (const part of settled as AsyncIterable<unknown>) final = part
  return final
}

/** `jsonSchema()` of the AI SDK, or the Standard JSON Schema of a validator such as zod 4; else any object. */
function jsonSchemaOf(schema: unknown): JsonObject {
  const any: JsonObject = { type: 'object' }
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return any
  const plain = 'jsonSchema' in schema ? schema.jsonSchema : undefined
  if (isPlain(plain)) return plain
  const standard = '~standard' in schema ? (schema['~standard'] as { jsonSchema?: { input?: unknown } }) : undefined
  const convert = standard?.jsonSchema?.input
  if (typeof convert !== 'function') return any
  const converted: unknown = (convert as (options: object) => unknown)({ target: 'draft-2020-12' })
  return isPlain(converted) ? (JSON.parse(JSON.stringify(converted)) as JsonObject) : any
}

const isPlain = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('then' in value)
