import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import type { JsonObject, LogRecord, Scope } from '@sallyport/core'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import type { Config } from './config/schema.ts'
import { CompanySignIn, type Exchange } from './control/people/company.ts'
import { Devices } from './control/people/devices.ts'
import { LogViews } from './control/people/log-views.ts'
import { Links } from './control/people/links.ts'
import { Logins } from './control/people/logins.ts'
import { People } from './control/people/people.ts'
import { Setup } from './control/people/setup.ts'
import { SignIn } from './control/people/sign-in.ts'
import type { Passkeys } from './control/presence/passkeys.ts'
import type { Presence } from './control/presence/presence.ts'
import { createCookies } from './ingress/api/cookies.ts'
import { devicesRoutes } from './ingress/api/devices-routes.ts'
import { logViewsRoutes, type LogViewsApi } from './ingress/api/log-views-routes.ts'
import { meRoutes } from './ingress/api/me-routes.ts'
import { peopleRoutes } from './ingress/api/people-routes.ts'
import type { GatewayLine, PeopleApi } from './ingress/api/people-ports.ts'
import type { PresencePort } from './ingress/api/ports.ts'
import type { Route } from './ingress/api/route.ts'
import { setupRoutes } from './ingress/api/setup-routes.ts'
import { signInRoutes } from './ingress/api/sign-in-routes.ts'
import { isOwnAddress } from './proofs.ts'
import type { Store } from './store/ports.ts'

export interface PeopleRoomDeps {
  readonly config: Config
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly keys: { readonly mac: Uint8Array; readonly pepper: Uint8Array; readonly identity: KeyObject }
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
  readonly presence: Presence
  readonly passkeys: Passkeys
  /** The guarded way out, for the company's sign-in. */
  readonly exchange: Exchange
  /** Origin of the console; undefined while it does not listen. */
  readonly origin: () => string | undefined
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
  const { config, store, evidence, clock, random, keys, record, presence, passkeys, exchange, origin, opened } = deps
  const { password, oidc, tls, url } = config.console
  const { idleTimeout, absoluteTimeout } = config.session
  const { mac, pepper } = keys
  const alert = (name: string, severity: 'medium' | 'high', details: JsonObject): void =>
    evidence.enqueue([record('alert', 'warn', { ...details, name, severity })])
  const common = { store, evidence, clock, random, alert }
  const people = new People(common)
  await people.load()
  opened.push(async () => people.close())
  const logins = new Logins({ ...common, people, idleTimeout, absoluteTimeout })
  await logins.load()
  opened.push(() => logins.close())
  const signIn = new SignIn({ ...common, people, logins, passkeys, pepper, password })
  // Whoever has a passkey that was taken away keeps no session that it opened.
  const unwatch = store.watch(({ kind, id }) => {
    if (kind === 'passkey') void endOpenedBy(id, logins, passkeys).catch(() => undefined)
  })
  opened.push(async () => unwatch())
  const links = new Links({ ...common, pepper })
  const devices = new Devices({ ...common, links, logins, passkeys, isOwnAddress })
  const setup = new Setup({
    ...{ ...common, people, passkeys, links, devices, signIn, pepper },
    claimed: async () => (await presence.people()).length > 0,
    claimPin: {
      challenge: (nonce) => presence.claimChallenge(nonce),
      claim: (claim, source) => presence.claim(claim, source),
    },
    agentHasCalled: () => agentHasCalled(store),
  })
  const settings = oidc
  const company =
    settings === undefined
      ? undefined
      : new CompanySignIn({ ...common, settings, exchange, people, signIn, mac, origin })
  const cookies = createCookies(tls !== 'off' || url !== undefined)
  const cookieSeconds = absoluteTimeout > 0 ? absoluteTimeout / 1000 : DAY_SECONDS
  const fingerprint = fingerprintOf(keys.identity)
  return {
    people,
    logins,
    scopesOf: async (operator) => (await people.principalNow(operator))?.scopes ?? [],
    sweep: () => void logins.tick().catch(() => undefined),
    routes: (more) =>
      routesOfPeople({
        ...{ ...more, setup, devices, signIn, company, logins, cookies, cookieSeconds, origin },
        ...{ people: withOffboarding(people, passkeys, devices), views: new LogViews(store), now: () => clock.now() },
        methods: async () => ({
          ...{ passkey: (await passkeys.list()).length > 0, password, fingerprint },
          ...(settings === undefined ? {} : { company: settings.title }),
        }),
      }),
  }
}

/** What of the table is about people. */
export const routesOfPeople = (
  parts: Parameters<typeof meRoutes>[0] &
    Parameters<typeof peopleRoutes>[0] &
    Parameters<typeof setupRoutes>[0] &
    Parameters<typeof devicesRoutes>[0] &
    Parameters<typeof signInRoutes>[0] & { readonly views: LogViewsApi },
): readonly Route[] => [
  ...meRoutes(parts),
  ...logViewsRoutes(parts.views),
  ...peopleRoutes(parts),
  ...setupRoutes(parts),
  ...devicesRoutes(parts),
  ...signInRoutes(parts),
]

/** Whoever is removed loses devices and passkeys too; the last one of all stays in the store and is worth nothing. */
const withOffboarding = (people: People, passkeys: Passkeys, devices: Devices): PeopleApi => ({
  list: () => people.list(),
  get: (id) => people.get(id),
  add: (name, roles, by) => people.add(name, roles, by),
  setRoles: (id, roles, by) => people.setRoles(id, roles, by),
  async remove(id, by) {
    await people.remove(id, by)
    for (const device of await devices.list(id)) await devices.remove(device.id, by)
    for (const passkey of await passkeys.list(id)) await passkeys.remove(passkey.id, by)
  },
})

async function endOpenedBy(credential: string, logins: Logins, passkeys: Passkeys): Promise<void> {
  const own = logins.list().filter((login) => login.credential === credential)
  if (own.length === 0 || (await passkeys.list()).some(({ id }) => id === credential)) return
  for (const { id } of own) await logins.end(id, 'revoked', 'gateway')
}

/** Whether any agent has made a call, of which at least its session or its decision is kept, on any node. */
async function agentHasCalled(store: Pick<Store, 'list' | 'streams' | 'readLog'>): Promise<boolean> {
  if ((await store.list('session', { limit: 1 })).length > 0) return true
  for (const stream of await store.streams()) {
    if ((await store.readLog({ stream, kind: 'decision', newest: true, limit: 1 })).length > 0) return true
  }
  return false
}

const fingerprintOf = (identity: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(identity).export({ type: 'spki', format: 'der' }))
    .digest('hex')
