import { SallyportError, type JsonObject, type PersonRole } from '@sallyport/core'
import { z } from 'zod'
import { iso, nameOf, rolesJson } from './me-routes.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { LoginsApi, PeopleApi, PersonView } from './people-ports.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

export interface PeopleRoutesDeps {
  readonly people: PeopleApi
  readonly logins: LoginsApi
  readonly presence: PresencePort
}

const ROLE = z.enum(['viewer', 'operator', 'approver', 'policy', 'admin'])
const ROLES = z.array(ROLE).min(1).max(5)
const ADD = z.strictObject({ name: z.string().max(64), roles: ROLES, proof: PROOF })
const CHANGE = z.strictObject({ roles: ROLES, proof: PROOF })
const PROVED = z.strictObject({ proof: PROOF })

/** People and their roles. Every change is an act of an admin who is there. */
export function peopleRoutes({ people, logins, presence }: PeopleRoutesDeps): Route[] {
  const known = ({ params }: ApiRequest): PersonView => {
    const person = people.get(`operator:${params['name'] ?? ''}`)
    if (person === undefined) throw new SallyportError('SP_PEOPLE_UNKNOWN')
    return person
  }
  const shown = (person: PersonView): JsonObject => personJson(person, logins)
  const admin = (kind: string, payload: JsonObject, proof: z.infer<typeof PROOF>): Promise<string> =>
    requirePresence(presence, kind, payload, proof, 'refuse')
  return [
    {
      method: 'GET',
      path: '/api/v1/people',
      plane: 'operator',
      scope: 'read',
      summary: 'People with roles, scopes and when they were last there.',
      handle: () => Promise.resolve({ status: 200, body: { items: people.list().map(shown) } }),
    },
    {
      method: 'POST',
      path: '/api/v1/people',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Adds a person. They sign in by an invitation that `POST /api/v1/people/:name/link` makes.',
      async handle({ body }) {
        const { name, roles, proof } = readAs(ADD, body)
        const by = await admin('people.add', { name, roles: [...roles] }, proof)
        return { status: 201, body: shown(await people.add(name, roles as readonly PersonRole[], by)) }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/people/:name/roles',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Sets the roles of a person; the last admin and the last approver stay.',
      async handle(request) {
        const { id } = known(request)
        const { roles, proof } = readAs(CHANGE, request.body)
        const by = await admin('people.roles', { name: nameOf(id), roles: [...roles] }, proof)
        return { status: 200, body: shown(await people.setRoles(id, roles as readonly PersonRole[], by)) }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/people/:name/remove',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Removes a person: sessions, PIN and passkeys end at once, and the name is not given again.',
      async handle(request) {
        const { id } = known(request)
        const { proof } = readAs(PROVED, request.body)
        const by = await admin('people.remove', { name: nameOf(id) }, proof)
        await people.remove(id, by)
        return { status: 200, body: { name: nameOf(id) } }
      },
    },
  ]
}

function personJson(person: PersonView, logins: Pick<LoginsApi, 'list'>): JsonObject {
  const own = logins.list().filter(({ operator }) => operator === person.id)
  const last = own[0]?.lastActivityAt
  return {
    id: person.id,
    name: nameOf(person.id),
    ...rolesJson(person.roles),
    origin: person.origin,
    addedAt: iso(person.addedAt),
    addedBy: person.addedBy,
    hasPassword: person.password !== undefined,
    recoveryCodes: person.recovery.length,
    sessions: own.length,
    lastSeenAt: last === undefined ? null : iso(last),
  }
}
