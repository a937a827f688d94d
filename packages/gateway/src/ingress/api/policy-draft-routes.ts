import { SallyportError, type Json } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

interface File {
  readonly path: string
  readonly origin: string
  readonly language: string
  readonly text: string
}
interface Kept {
  readonly draft: {
    readonly id: string
    readonly base: object
    readonly files: readonly File[]
    readonly agreed: { readonly by: readonly string[] }
  }
  readonly revision: number
}
type Edits = readonly { readonly path: string; readonly text?: string | undefined }[]
interface Labels {
  readonly integrity?: 0 | 1 | 2 | 3 | undefined
  readonly confidentiality?: 0 | 1 | 2 | 3 | undefined
}

/** What these routes need of drafts. */
export interface DraftsPort {
  list(): Promise<readonly Kept[]>
  get(id: string): Promise<Kept>
  create(by: string, number?: number): Promise<Kept>
  createWith(by: string, preset: string): Promise<Kept>
  save(id: string, revision: number, edits: Edits, by: string): Promise<Kept>
  rebase(id: string, by: string): Promise<Kept & { readonly conflicts: readonly string[] }>
  remove(id: string): Promise<void>
  check(id: string, edits: Edits): Promise<object>
  diff(id: string): Promise<object>
  explain(event: string, with_: { readonly draft?: string; readonly whatIf?: Labels }): Promise<object>
  simulate(id: string, window: 'day' | 'week' | 'month'): Promise<object>
  publish(id: string, digest: string, by: string): Promise<object>
  readonly simulations: {
    list(): readonly object[]
    get(id: string): object
    cancel(id: string): object
  }
}
/** What they need of the policy in force. */
export interface LivePort {
  live(): {
    readonly number: number
    readonly digest: string
    readonly version: string
    readonly files: readonly File[]
    readonly tools: readonly { readonly id: string }[]
  }
  filesAt(number: number): Promise<readonly File[]>
}

const PATH = z.string().min(1).max(300)
const EDITS = z
  .array(z.strictObject({ path: PATH, text: z.string().max(1_000_000).nullable() }))
  .max(200)
  .default([])
  .transform((edits): Edits => edits.map(({ path, text }) => ({ path, text: text ?? undefined })))
const NUMBER = z.int().min(1)
const CREATE = z
  .union([
    z.strictObject({ from: NUMBER.optional() }),
    z.strictObject({ preset: z.string().regex(/^[a-z][a-z-]{0,31}$/) }),
  ])
  .prefault({})
const SAVE = z.strictObject({ revision: NUMBER, edits: EDITS })
const CHECK = z.strictObject({ edits: EDITS }).prefault({})
const SIMULATE = z.strictObject({ window: z.enum(['day', 'week', 'month']).default('week') }).prefault({})
const PUBLISH = z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/), proof: PROOF })
const LEVEL = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional()
const EXPLAIN = z.strictObject({
  event: z.string().min(1).max(100),
  draft: z.string().max(40).optional(),
  labels: z.strictObject({ integrity: LEVEL, confidentiality: LEVEL }).optional(),
})

/** `/api/v1/policy/drafts`, `/simulations`, `/files`: working on a policy. Nothing here is in force before it is published. */
export function policyDraftRoutes(drafts: DraftsPort, live: LivePort, presence: PresencePort): Route[] {
  const read = { plane: 'operator', scope: 'read' } as const
  const write = { plane: 'operator', scope: 'policy', presence: 'inert' } as const
  const idOf = ({ params }: ApiRequest): string => params['id'] ?? ''
  const who = ({ principal }: ApiRequest): string => principal.id
  const answer = async (body: unknown) => ({ status: 200, body: JSON.parse(JSON.stringify(await body)) as Json })
  return [
    {
      ...read,
      method: 'GET',
      path: '/api/v1/policy/files',
      summary: 'Texts of the policy in force, and the names of the tools that it is about.',
      handle: () => {
        const { number, digest, version, files, tools } = live.live()
        return answer({ number, digest, version, files: files.map(fileJson), actions: tools.map(({ id }) => id) })
      },
    },
    {
      ...read,
      method: 'GET',
      path: '/api/v1/policy/history/:number',
      summary: 'Texts of one load of the history, and those of the load before it.',
      handle: async ({ params }) => {
        const number = Number(params['number'])
        if (!Number.isInteger(number) || number < 1) throw new SallyportError('SP_API_INVALID', 'A load has a number.')
        const files = (await live.filesAt(number)).map(fileJson)
        const before = number === 1 ? [] : (await live.filesAt(number - 1).catch(() => [])).map(fileJson)
        return answer({ number, files, before })
      },
    },
    {
      ...read,
      method: 'POST',
      path: '/api/v1/policy/explain/call',
      summary:
        'Which rules of the policy in force, or of {draft}, decide the recorded call {event}, and which only just do not; {labels} to try others.',
      handle: ({ body }) => {
        const { event, draft, labels } = readAs(EXPLAIN, body)
        const whatIf = labels === undefined ? {} : { whatIf: labels }
        return answer(drafts.explain(event, { ...(draft === undefined ? {} : { draft }), ...whatIf }))
      },
    },
    {
      ...read,
      method: 'GET',
      path: '/api/v1/policy/drafts',
      summary: 'Drafts, without their texts.',
      handle: async () => answer({ drafts: (await drafts.list()).map(headJson) }),
    },
    {
      ...write,
      method: 'POST',
      path: '/api/v1/policy/drafts',
      summary:
        'Begin a draft with a copy of what is in force, of load {from} of the history, or with {preset} in the place of the presets. A draft decides nothing.',
      handle: async (request) => {
        const asked = readAs(CREATE, request.body ?? {})
        const made =
          'preset' in asked
            ? await drafts.createWith(who(request), asked.preset)
            : await drafts.create(who(request), asked.from)
        return { ...(await answer(wholeJson(made))), status: 201 }
      },
    },
    {
      ...read,
      method: 'GET',
      path: '/api/v1/policy/drafts/:id',
      summary: 'One draft with its texts.',
      handle: async (request) => answer(wholeJson(await drafts.get(idOf(request)))),
    },
    {
      ...write,
      method: 'PUT',
      path: '/api/v1/policy/drafts/:id',
      summary:
        'Save {edits} (path and text, null takes a file away) over {revision} of a draft. A draft decides nothing.',
      handle: async (request) => {
        const { revision, edits } = readAs(SAVE, request.body)
        return answer(wholeJson(await drafts.save(idOf(request), revision, edits, who(request))))
      },
    },
    {
      ...write,
      method: 'DELETE',
      path: '/api/v1/policy/drafts/:id',
      summary: 'Discard a draft. A draft decides nothing.',
      handle: async (request) => {
        await drafts.remove(idOf(request))
        return answer({ id: idOf(request) })
      },
    },
    {
      ...write,
      method: 'POST',
      path: '/api/v1/policy/drafts/:id/rebase',
      summary: 'Put the own changes of a draft on top of what is in force now. A draft decides nothing.',
      handle: async (request) => {
        const { conflicts, ...kept } = await drafts.rebase(idOf(request), who(request))
        return answer({ ...wholeJson(kept), conflicts })
      },
    },
    {
      ...read,
      method: 'POST',
      path: '/api/v1/policy/drafts/:id/check',
      summary: 'Parse, type-check, test and lint a draft with {edits} that are not saved.',
      handle: (request) => answer(drafts.check(idOf(request), readAs(CHECK, request.body ?? {}).edits)),
    },
    {
      ...read,
      method: 'GET',
      path: '/api/v1/policy/drafts/:id/diff',
      summary: 'What a draft would change, what becomes allowed first.',
      handle: (request) => answer(drafts.diff(idOf(request))),
    },
    {
      ...write,
      method: 'POST',
      path: '/api/v1/policy/drafts/:id/simulate',
      summary: 'Judge the calls of the last day, week or month by a draft. Nothing is called or changed.',
      handle: (request) => answer(drafts.simulate(idOf(request), readAs(SIMULATE, request.body ?? {}).window)),
    },
    {
      ...read,
      method: 'GET',
      path: '/api/v1/policy/simulations',
      summary: 'Simulations of this gateway since it started, newest first.',
      handle: () => answer({ simulations: drafts.simulations.list() }),
    },
    {
      ...read,
      method: 'GET',
      path: '/api/v1/policy/simulations/:id',
      summary: 'What a simulation has come to: counts, and the calls that would be answered in another way.',
      handle: async (request) => answer(drafts.simulations.get(idOf(request))),
    },
    {
      ...write,
      method: 'POST',
      path: '/api/v1/policy/simulations/:id/cancel',
      summary: 'Stop a simulation.',
      handle: async (request) => answer(drafts.simulations.cancel(idOf(request))),
    },
    {
      plane: 'operator',
      scope: 'policy',
      presence: 'route',
      method: 'POST',
      path: '/api/v1/policy/drafts/:id/publish',
      summary:
        'Put a draft into force; {digest} is the one that was looked at. With `policy.fourEyes`, what allows more waits for a second person.',
      handle: async (request) => {
        const { digest, proof } = readAs(PUBLISH, request.body)
        const by = await requirePresence(presence, 'policy.accept', { digest }, proof, 'refuse')
        return answer(drafts.publish(idOf(request), digest, by))
      },
    },
  ]
}

const fileJson = ({ path, origin, language, text }: File): File => ({ path, origin, language, text })
const wholeJson = ({ draft, revision }: Kept): object => ({ ...draft, revision })
const headJson = ({ draft: { files, ...head }, revision }: Kept): object => ({
  ...head,
  revision,
  files: files.map(({ path }) => path),
})
