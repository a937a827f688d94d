import { FOUNDER_ROLES, PERSON_ROLES, SallyportError, type PersonRole, type Principal } from '@sallyport/core'
import type { Clock, EvidencePort, Random } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { IdentityLog } from '../identity/record.ts'
import { OPERATOR_NAME, operatorOf } from '../presence/operator.ts'
import { Exclusive } from './exclusive.ts'
import { personBody, personOf, personPrincipal, type Person } from './person.ts'

export interface PeopleDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
}

/** More people than this, and the list is no list any more. */
const MOST = 1000
const TRIES = 20

/**
 * The people of a gateway and what they hold. Whoever claimed it with a PIN is the first of them. Changes are durable in
 * the log before they count; on the other nodes they count when the store says so.
 */
export class People {
  readonly #deps: PeopleDeps
  readonly #log: IdentityLog
  readonly #exclusive: Exclusive
  readonly #active = new Map<string, Person>()
  readonly #changed = new Set<(id: string) => void>()
  readonly #unwatch: (() => void)[]

  constructor(deps: PeopleDeps) {
    const { store, evidence, clock, random } = deps
    this.#deps = deps
    this.#log = new IdentityLog(evidence, clock, random)
    this.#exclusive = new Exclusive({ store, clock, random, name: 'people' })
    const refresh = (id: string): void => void this.find(id).catch(() => undefined)
    this.#unwatch = [
      store.watch(({ kind, id }) => {
        if (kind === 'person' || kind === 'operator') refresh(id)
      }),
    ]
    store.onTampered(({ kind, id }) => {
      if (kind === 'person') this.#set(id, undefined)
    })
  }

  async load(): Promise<void> {
    const { store } = this.#deps
    const stored = await store.list('person', { state: 'active', limit: MOST })
    const here = new Set(stored.map(({ id }) => id))
    for (const document of stored) this.#set(document.id, personOf(document))
    for (const { id } of await store.list('operator', { state: 'active', limit: MOST })) {
      if (!here.has(id)) await this.find(id)
    }
    for (const { id } of this.list()) if (!here.has(id)) await this.find(id)
  }

  close(): void {
    for (const stop of this.#unwatch) stop()
  }

  /** As this node knows them now, by name. */
  list(): readonly Person[] {
    return [...this.#active.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  get(id: string): Person | undefined {
    return this.#active.get(id)
  }

  /** With the scopes this node knows; none for who is nobody here. */
  principal(id: string): Principal {
    return personPrincipal(id, this.#active.get(id)?.roles ?? [])
  }

  /** The person as the store has them now. An operator of a PIN without an entry is the one who claimed the gateway. */
  async find(id: string): Promise<Person | undefined> {
    const { store } = this.#deps
    const document = await store.get('person', id)
    const person = document === undefined ? await this.#founder(id) : personOf(document)
    this.#set(id, person)
    return person
  }

  /** By the store; undefined for who never was a person here, no scopes for who was removed. */
  async principalNow(id: string): Promise<Principal | undefined> {
    const person = await this.find(id)
    if (person !== undefined) return personPrincipal(id, person.roles)
    return (await this.#deps.store.get('person', id)) === undefined ? undefined : personPrincipal(id, [])
  }

  /** Told the id of everybody whose roles or existence changed. */
  onChange(listener: (id: string) => void): void {
    this.#changed.add(listener)
  }

  /**
   * Adds a person. A name is never given twice.
   * @throws SallyportError SP_API_INVALID, SP_PEOPLE_EXISTS, SP_PEOPLE_LIMIT, SP_AUDIT_*
   */
  add(
    name: string,
    roles: readonly PersonRole[],
    by: string,
    more: Pick<Person, 'origin' | 'subject'> = { origin: 'added' },
  ): Promise<Person> {
    return this.#exclusive.run(async () => {
      const { store, clock } = this.#deps
      const id = personId(name)
      const held = rolesOf(roles)
      const taken = (await store.get('person', id)) ?? (await store.get('operator', id))
      if (taken !== undefined) throw new SallyportError('SP_PEOPLE_EXISTS')
      if (this.#active.size >= MOST) throw new SallyportError('SP_PEOPLE_LIMIT', `There may be ${MOST} people.`)
      const person: Person = { id, roles: held, ...more, addedAt: clock.now(), addedBy: by, recovery: [] }
      await this.#log.append('person.added', by, { person: id, roles: held, origin: more.origin }, 'warn')
      if (!(await store.put(rowOf(person, 'active'), 0))) throw new SallyportError('SP_PEOPLE_EXISTS')
      this.#set(id, person)
      return person
    })
  }

  /** Whether somebody of the company's sign-in was removed here: then they do not come back under another name. */
  async wasRemoved(subject: string): Promise<boolean> {
    const removed = await this.#deps.store.list('person', { state: 'removed', limit: 10_000 })
    return removed.some(({ body }) => body['subject'] === subject)
  }

  /**
   * The first person, before their credential is enrolled. What an attempt before left, that never had one, goes.
   * @throws SallyportError SP_AUTHN_PRESENCE when somebody was first
   */
  async found(name: string, claimed: () => Promise<boolean>): Promise<Person> {
    await this.#exclusive.run(async () => {
      await this.load()
      if (await claimed()) throw new SallyportError('SP_AUTHN_PRESENCE', 'This gateway has an operator.')
      for (const { id } of this.list().filter(({ origin }) => origin === 'founder')) await this.unfound(id)
    })
    return this.add(name, FOUNDER_ROLES, personId(name), { origin: 'founder' })
  }

  /** Takes back a founder whose credential was not enrolled. */
  async unfound(id: string): Promise<void> {
    const entry = await this.#deps.store.get('person', id)
    if (entry !== undefined) await this.#deps.store.remove('person', id, entry.version)
    this.#set(id, undefined)
  }

  /** @throws SallyportError SP_PEOPLE_UNKNOWN, SP_PEOPLE_LAST, SP_API_INVALID, SP_AUDIT_* */
  setRoles(id: string, roles: readonly PersonRole[], by: string): Promise<Person> {
    return this.#exclusive.run(async () => {
      const held = rolesOf(roles)
      const before = await this.#known(id)
      await this.#keepLast(id, held)
      await this.#log.append('person.roles', by, { person: id, roles: held, before: before.roles }, 'warn')
      return this.#update(id, (person) => ({ ...person, roles: held }))
    })
  }

  /** Somebody of the company's sign-in who is in none of the groups any more. @throws SallyportError SP_PEOPLE_UNKNOWN */
  withoutRoles(id: string, by: string): Promise<Person> {
    return this.#exclusive.run(async () => {
      const before = await this.#known(id)
      if (before.origin !== 'company') throw new SallyportError('SP_PEOPLE_LAST', 'Remove the person instead.')
      await this.#log.append('person.roles', by, { person: id, roles: [], before: before.roles }, 'warn')
      return this.#update(id, (person) => ({ ...person, roles: [] }))
    })
  }

  /** @throws SallyportError SP_PEOPLE_UNKNOWN, SP_PEOPLE_LAST, SP_AUDIT_* */
  remove(id: string, by: string): Promise<void> {
    return this.#exclusive.run(async () => {
      const person = await this.#known(id)
      await this.#keepLast(id, [])
      await this.#log.append('person.removed', by, { person: id }, 'warn')
      const { password: _password, ...rest } = person
      await this.#write(id, { ...rest, roles: [], recovery: [] }, 'removed')
      await this.#endPin(id)
      this.#set(id, undefined)
    })
  }

  /** Changes what is kept about a person beside their roles. @throws SallyportError SP_PEOPLE_UNKNOWN */
  change(id: string, change: (person: Person) => Person): Promise<Person> {
    return this.#exclusive.run(async () => {
      await this.#known(id)
      return this.#update(id, (person) => ({ ...change(person), id, roles: person.roles }))
    })
  }

  async #known(id: string): Promise<Person> {
    const person = await this.find(id)
    if (person === undefined) throw new SallyportError('SP_PEOPLE_UNKNOWN')
    return person
  }

  async #update(id: string, change: (person: Person) => Person): Promise<Person> {
    const next = change(await this.#known(id))
    await this.#write(id, next, 'active')
    this.#set(id, next)
    return next
  }

  async #write(id: string, person: Person, state: 'active' | 'removed'): Promise<void> {
    const { store } = this.#deps
    for (let tries = 0; tries < TRIES; tries++) {
      const version = (await store.get('person', id))?.version ?? 0
      if (await store.put(rowOf(person, state), version)) return
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'The person could not be written.')
  }

  /** Admins and approvers of this gateway's own making must remain: the company's sign-in may be away for long. */
  async #keepLast(id: string, held: readonly PersonRole[]): Promise<void> {
    await this.load()
    const others = this.list().filter((person) => person.id !== id && person.origin !== 'company')
    const own = this.#active.get(id)
    if (own === undefined || own.origin === 'company') return
    for (const role of ['admin', 'approver'] as const) {
      const lost = own.roles.includes(role) && !held.includes(role)
      if (lost && !others.some(({ roles }) => roles.includes(role)))
        throw new SallyportError('SP_PEOPLE_LAST', `${id} is the last with the role ${role}.`)
    }
  }

  /** A PIN of somebody who was removed proves nothing any more. */
  async #endPin(id: string): Promise<void> {
    const { store } = this.#deps
    for (let tries = 0; tries < TRIES; tries++) {
      const pin = await store.get('operator', id)
      if (pin === undefined || pin.state !== 'active') return
      if (await store.put({ kind: 'operator', id, state: 'removed', expiresAt: 0, body: pin.body }, pin.version)) return
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'The PIN could not be ended.')
  }

  async #founder(id: string): Promise<Person | undefined> {
    const { store } = this.#deps
    const pin = await store.get('operator', id)
    const operator = pin === undefined || pin.body['listed'] === true ? undefined : operatorOf(pin)
    if (pin === undefined || operator === undefined) return undefined
    const addedAt = operator.enrolledAt
    const person: Person = { id, roles: FOUNDER_ROLES, origin: 'founder', addedAt, addedBy: id, recovery: [] }
    // From now on the entry alone says what they hold: with the entry taken away, the PIN makes nobody a founder again.
    await store.put(rowOf(person, 'active'), 0)
    const body = { ...pin.body, listed: true }
    await store.put({ kind: 'operator', id, state: 'active', expiresAt: 0, body }, pin.version)
    const entry = await store.get('person', id)
    return entry === undefined ? undefined : personOf(entry)
  }

  #set(id: string, person: Person | undefined): void {
    const before = this.#active.get(id)
    if (person === undefined) this.#active.delete(id)
    else this.#active.set(id, person)
    if (before?.roles.join() === person?.roles.join()) return
    for (const listener of this.#changed) listener(id)
  }
}

const rowOf = (person: Person, state: 'active' | 'removed') =>
  ({ kind: 'person', id: person.id, state, expiresAt: 0, body: personBody(person) }) as const

function personId(name: string): string {
  if (!OPERATOR_NAME.test(name))
    throw new SallyportError('SP_API_INVALID', 'name: 1 to 32 characters of a-z, 0-9, ".", "_", "-".')
  return `operator:${name}`
}

/** In the order of the table, each once. */
function rolesOf(roles: readonly PersonRole[]): readonly PersonRole[] {
  const held = [...PERSON_ROLES.keys()].filter((role) => roles.includes(role))
  if (held.length === 0) throw new SallyportError('SP_API_INVALID', 'roles: at least one.')
  return held
}
