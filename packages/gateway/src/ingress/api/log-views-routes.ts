import type { JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { readAs } from './read-as.ts'
import type { ApiRequest, ApiResponse, Route } from './route.ts'

interface View {
  readonly name: string
  readonly search: string
}

export interface LogViewsApi {
  list(person: string): Promise<readonly View[]>
  save(person: string, view: View): Promise<readonly View[]>
  remove(person: string, name: string): Promise<readonly View[]>
}

const NAME = z.string().trim().min(1).max(60)
const VIEW = z.strictObject({ name: NAME, search: z.string().max(4_000) })
const NAMED = z.strictObject({ name: NAME })

/** Views of the log that the asking person saved. They show nothing and change nothing, so that reading is enough for them. */
export function logViewsRoutes(views: LogViewsApi): Route[] {
  const route = (
    method: 'GET' | 'POST',
    path: string,
    summary: string,
    run: (person: string, request: ApiRequest) => Promise<readonly View[]>,
  ): Route => ({
    ...{ method, path, plane: 'operator', scope: 'read', summary },
    handle: async (request): Promise<ApiResponse> => {
      const items = await run(request.principal.id, request)
      return { status: 200, body: { items: items.map(({ name, search }): JsonObject => ({ name, search })) } }
    },
  })
  return [
    route('GET', '/api/v1/me/log-views', 'Your saved views of the log: names and queries.', (person) =>
      views.list(person),
    ),
    route(
      'POST',
      '/api/v1/me/log-views',
      'Saves a view under a name; one of the same name is replaced.',
      (person, request) => views.save(person, readAs(VIEW, request.body)),
    ),
    route('POST', '/api/v1/me/log-views/remove', 'Removes one of your saved views.', (person, request) =>
      views.remove(person, readAs(NAMED, request.body).name),
    ),
  ]
}
