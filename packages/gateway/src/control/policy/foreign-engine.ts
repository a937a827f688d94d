import {
  toCedarRequest,
  type ActionModel,
  type CompiledPolicy,
  type ForeignAnswer,
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
 * The official engine behind buckets that hold a construct our compiler lacks. It is asked twice, once with the forbids and
 * a permit for everything, once with the permits, so that it names every policy that holds and not only those that decide.
 * `prefix` keeps the names of one snapshot apart from the next.
 */
export function foreignEngines(cedar: Cedar, schema: JsonObject, prefix: string, cut: Cut): ForeignEngines {
  let prepared = false
  const schemaName = `${prefix}/schema`
  return {
    engine: (action, policies) => {
      const names = { forbid: `${prefix}/${action.id}/forbid`, permit: `${prefix}/${action.id}/permit` }
      if (!prepared) cedar.prepareSchema(schemaName, schema)
      prepared = true
      for (const effect of ['forbid', 'permit'] as const) {
        const texts = policies
          .filter((p) => p.source.est.effect === effect)
          .map((p) => [p.meta.id, p.source.text] as const)
        cedar.preparePolicies(names[effect], {
          ...Object.fromEntries(texts),
          ...(effect === 'forbid' ? { [ALL]: PERMIT_ALL } : {}),
        })
      }
      return (request) => askBoth(cedar, names, schemaName, cut(request))
    },
  }
}

export type Cut = (request: PolicyRequest) => ReturnType<typeof toCedarRequest>

/** Not a possible `@id`. */
const ALL = '<everything>'
const PERMIT_ALL = 'permit (principal, action, resource);'

function askBoth(
  cedar: Cedar,
  names: { readonly forbid: string; readonly permit: string },
  schema: string,
  request: ReturnType<typeof toCedarRequest>,
): ForeignAnswer {
  const forbids = cedar.decide(names.forbid, schema, request)
  const permits = cedar.decide(names.permit, schema, request)
  return {
    matched: [...forbids.reasons.filter((id) => id !== ALL), ...permits.reasons],
    failed: [...forbids.errors, ...permits.errors],
  }
}
