import {
  toCedarRequest,
  type ActionModel,
  type CompiledPolicy,
  type ForeignEngine,
  type JsonObject,
  type PolicyRequest,
} from '@sallyport/core'
import type { Cedar } from './cedar.ts'

export interface ForeignEngines {
  /** Engine for one bucket. */
  readonly engine: (action: ActionModel, policies: readonly CompiledPolicy[]) => ForeignEngine
}

/**
 * The official engine behind buckets that hold a construct our compiler lacks. It names only the policies that decide, so it
 * is given every policy as a permit: then it names all that hold and all that fail, and what they mean is ours to say.
 * `prefix` keeps the names of one snapshot apart from the next.
 */
export function foreignEngines(cedar: Cedar, schema: JsonObject, prefix: string, cut: Cut): ForeignEngines {
  let prepared = false
  const schemaName = `${prefix}/schema`
  return {
    engine: (action, policies) => {
      const name = `${prefix}/${action.id}`
      if (!prepared) cedar.prepareSchema(schemaName, schema)
      prepared = true
      cedar.preparePolicies(
        name,
        Object.fromEntries(policies.map(({ meta, source }) => [meta.id, asPermit(source.text)])),
      )
      return (request) => {
        const { reasons, errors } = cedar.decide(name, schemaName, cut(request))
        return { matched: reasons, failed: errors }
      }
    },
  }
}

export type Cut = (request: PolicyRequest) => ReturnType<typeof toCedarRequest>

/** White space, comments and annotations: what may stand before the effect of a policy. */
const BEFORE_EFFECT = /^(?:\s|\/\/[^\n]*|@\w+\s*(?:\(\s*"(?:[^"\\]|\\[\s\S])*"\s*\))?)*/

/**
 * The policy with the effect `permit`. As text, since the parsed form of the engine rounds integers beyond 2^53.
 * @throws Error for a text that does not begin with a policy.
 */
export function asPermit(text: string): string {
  const start = BEFORE_EFFECT.exec(text)?.[0].length ?? 0
  const effect = /^(?:permit|forbid)\b/.exec(text.slice(start, start + 7))?.[0]
  if (effect === undefined) throw new Error('The text does not begin with a policy.')
  return `${text.slice(0, start)}permit${text.slice(start + effect.length)}`
}
