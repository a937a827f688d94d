import type { Json, VerifiedPack } from '@sallyport/core'
import { z } from 'zod'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

/** What these routes need of the rule packs. */
export interface RulePacksPort {
  readonly current: readonly VerifiedPack[]
  install(bytes: Uint8Array, source: 'api'): object
}

const UPDATE = z.strictObject({ pack: z.record(z.string(), z.unknown()) })

/** `/api/v1/rules`: which packs are in force, and putting a newer one there. */
export function rulesRoutes(packs: RulePacksPort): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/rules',
      plane: 'operator',
      scope: 'read',
      summary: 'Rule packs in force: name, version, digest, signing key, ids of their rules.',
      handle: async () => ({
        status: 200,
        body: {
          packs: packs.current.map(({ name, version, digest, key, rules }) => {
            return { name, version, digest, key, rules: rules.map(({ id }) => id) }
          }),
        },
      }),
    },
    {
      method: 'POST',
      path: '/api/v1/rules/update',
      plane: 'operator',
      scope: 'read',
      summary: 'Put {pack} into force. Free: only a newer pack signed by a trusted key is taken.',
      handle: async ({ body }) => {
        const { pack } = readAs(UPDATE, body)
        const change = packs.install(Buffer.from(JSON.stringify(pack)), 'api')
        return { status: 200, body: JSON.parse(JSON.stringify(change)) as Json }
      },
    },
  ]
}
