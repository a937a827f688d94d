import type { JsonObject, LogRecord, Scope } from '@sallyport/core'
import { refuse, type Clock, type EvidencePort, type Random } from './boundary/ports.ts'
import type { Config } from './config/schema.ts'
import { Logins } from './control/people/logins.ts'
import type { Passkeys } from './control/people/passkeys-port.ts'
import { People } from './control/people/people.ts'
import { SignIn } from './control/people/sign-in.ts'
import { createCookies } from './ingress/api/cookies.ts'
import { meRoutes } from './ingress/api/me-routes.ts'
import { peopleRoutes } from './ingress/api/people-routes.ts'
import type { GatewayLine } from './ingress/api/people-ports.ts'
import type { PresencePort } from './ingress/api/ports.ts'
import type { Route } from './ingress/api/route.ts'
import { signInRoutes } from './ingress/api/sign-in-routes.ts'
import type { Store } from './store/ports.ts'

export interface PeopleRoomDeps {
  readonly config: Config
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly keys: { readonly pepper: Uint8Array }
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
  /** Absent: nobody has a passkey here. */
  readonly passkeys?: Passkeys | undefined
  /** What has to be closed again, in the order of opening. */
  readonly opened: (() => Promise<void>)[]
}

/** People, their sessions in the console, and the ways in. */
export interface PeopleRoom {
  readonly people: People
  readonly logins: Logins
  /** What a person holds now, by the store. */
  readonly scopesOf: (operator: string) => Promise<readonly Scope[]>
  routes(more: { readonly presence: PresencePort; readonly line: () => GatewayLine }): readonly Route[]
  sweep(): void
}

const DAY_SECONDS = 86_400

export async function createPeople(deps: PeopleRoomDeps): Promise<PeopleRoom> {
  const { config, store, evidence, clock, random, keys, record, passkeys = NO_PASSKEYS, opened } = deps
  const alert = (name: string, severity: 'medium' | 'high', details: JsonObject): void =>
    evidence.enqueue([record('alert', 'warn', { ...details, name, severity })])
  const people = new People({ store, evidence, clock, random })
  await people.load()
  opened.push(async () => people.close())
  const { idleTimeout, absoluteTimeout } = config.session
  const logins = new Logins({ store, evidence, clock, random, people, idleTimeout, absoluteTimeout, alert })
  await logins.load()
  opened.push(() => logins.close())
  const signIn = new SignIn({
    ...{ store, evidence, clock, random, people, logins, passkeys, alert },
    ...{ pepper: keys.pepper, password: false },
  })
  const { tls, url } = config.console
  const cookies = createCookies(tls !== 'off' || url !== undefined)
  const cookieSeconds = absoluteTimeout > 0 ? absoluteTimeout / 1000 : DAY_SECONDS
  return {
    people,
    logins,
    scopesOf: async (operator) => (await people.principalNow(operator))?.scopes ?? [],
    sweep: () => void logins.tick().catch(() => undefined),
    routes: ({ presence, line }) => [
      ...meRoutes({ people, logins, cookies, line, now: () => clock.now() }),
      ...peopleRoutes({ people, logins, presence }),
      ...signInRoutes({
        ...{ signIn, logins, cookies, cookieSeconds },
        methods: async () => ({ passkey: (await passkeys.list()).length > 0, password: false }),
      }),
    ],
  }
}

const none = () => Promise.resolve(refuse('SP_AUTHN_SIGN_IN', 'There are no passkeys here.'))
const NO_PASSKEYS: Passkeys = {
  list: () => Promise.resolve([]),
  beginEnrolment: () => Promise.resolve({}),
  finishEnrolment: none,
  beginSignIn: () => Promise.resolve({}),
  finishSignIn: none,
  remove: none,
}
