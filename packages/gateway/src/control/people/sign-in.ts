import { networkOf, SallyportError, type Json, type JsonObject, type LogRecord } from '@sallyport/core'
import { pass, refuse, type Clock, type EvidencePort, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { RateLimiter } from '../identity/rate-limiter.ts'
import { createAttempts, type Attempts } from '../presence/attempts.ts'
import { OPERATOR_NAME } from '../presence/operator.ts'
import type { From, Login, SignInMethod } from './login.ts'
import type { Logins } from './logins.ts'
import type { Passkeys } from '../presence/passkeys.ts'
import { isPassword, keepPassword, whyPasswordIsWeak } from './password.ts'
import type { People } from './people.ts'
import { nameOf } from './person.ts'

export interface SignInDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly people: People
  readonly logins: Logins
  readonly passkeys: Passkeys
  /** Encrypts what is kept of passwords; outside the store. */
  readonly pepper: Uint8Array
  /** Whether passwords are taken at all. */
  readonly password: boolean
  readonly alert: (name: string, severity: 'medium' | 'high', details: JsonObject) => void
}

export interface SignedIn {
  /** For the cookie, and nowhere else. */
  readonly token: string
  readonly login: Login
}

/** AC of E-25: failures per minute, of one identity and of one address, before they wait. */
const SIGN_IN_FAILURES = 5
const RULES = { name: 'sign-in', mostFailures: SIGN_IN_FAILURES, offAfter: Infinity, mustBeOpened: false }

/**
 * Ways into the console. Every attempt leaves a record. Nothing says whether a name exists, neither in words nor in time.
 * What guessing can lock is the password alone: a passkey that fits is never refused for what somebody else has tried, so
 * nobody locks people out of their own gateway (T-017, T-018).
 */
export class SignIn {
  readonly #deps: SignInDeps
  readonly #attempts: Attempts
  readonly #failures: RateLimiter
  readonly #alerts: RateLimiter

  constructor(deps: SignInDeps) {
    const { store, clock } = deps
    this.#deps = deps
    this.#attempts = createAttempts({ store, clock }, RULES)
    this.#failures = new RateLimiter(clock, SIGN_IN_FAILURES, SIGN_IN_FAILURES)
    this.#alerts = new RateLimiter(clock, 1, 1)
  }

  passkeyOptions(): Promise<Json> {
    return this.#deps.passkeys.beginSignIn()
  }

  async passkey(response: Json, from: From): Promise<Verdict<SignedIn>> {
    const { passkeys, people } = this.#deps
    const found = await passkeys.finishSignIn(response, from.address)
    const person = found.ok ? await people.find(found.value.operator) : undefined
    // Who left the company must not come in by a passkey of then.
    if (person?.origin === 'company') {
      await this.#failed('passkey', person.id, from, 'company')
      return refuse('SP_AUTHN_SIGN_IN', 'Use the company sign-in.')
    }
    if (found.ok && person !== undefined) return this.#open(person.id, 'passkey', from, found.value.credential)
    await this.#failed('passkey', '', from)
    const wait = this.#failures.take(networkOf(from.address))
    if (!wait.ok) {
      this.#alertFailures('passkey', '', from)
      return refuse('SP_AUTHN_LOCKED', `Next attempt in ${wait.retryAfterSeconds} s.`)
    }
    return refuse('SP_AUTHN_SIGN_IN', 'This passkey is not known here.')
  }

  async password(name: string, password: string, from: From): Promise<Verdict<SignedIn>> {
    const { people, pepper } = this.#deps
    if (!this.#deps.password) return refuse('SP_AUTHN_SIGN_IN', 'Passwords are not taken here.')
    // What can be nobody's name takes the same way as what is nobody's.
    const id = `operator:${OPERATOR_NAME.test(name) ? name : '-'}`
    const attempt = await this.#attempts.attempt(id, networkOf(from.address), async () => {
      const person = await people.find(id)
      // Who left the company must not come in by a password of then.
      const stored = person?.origin === 'company' ? undefined : person?.password
      return isPassword(id, password, stored, pepper)
    })
    if (attempt.ok && attempt.value) return this.#open(id, 'password', from)
    await this.#failed('password', name, from)
    if (!attempt.ok) {
      this.#alertFailures('password', name, from)
      return refuse('SP_AUTHN_LOCKED', attempt.reason)
    }
    if ((await this.#attempts.look(id)).failures === SIGN_IN_FAILURES) this.#alertFailures('password', name, from)
    return refuse('SP_AUTHN_SIGN_IN', 'The name or the password is wrong.')
  }

  /** For those whom another part has identified: the company's sign-in, a set-up link, a paired device. */
  open(operator: string, method: SignInMethod, from: From, credential = ''): Promise<Verdict<SignedIn>> {
    return this.#open(operator, method, from, credential)
  }

  /** Replaces the password of a person. @throws SallyportError SP_API_INVALID where it is weak, SP_PEOPLE_UNKNOWN */
  async setPassword(id: string, password: string, by: string): Promise<void> {
    const { people, pepper, random, clock, evidence } = this.#deps
    if (!this.#deps.password) throw new SallyportError('SP_API_INVALID', 'Passwords are not taken here.')
    if ((await people.find(id))?.origin === 'company')
      throw new SallyportError('SP_API_INVALID', 'Use the company sign-in.')
    const weak = whyPasswordIsWeak(password, nameOf(id))
    if (weak !== undefined) throw new SallyportError('SP_API_INVALID', `password: ${weak}`)
    const kept = await keepPassword(id, password, { pepper, random, now: clock.now() })
    await evidence.append([this.#record('person.password', { actor: by, person: id })])
    await people.change(id, (person) => ({ ...person, password: kept }))
  }

  /** A sign-in by another way that failed. */
  failed(method: SignInMethod, who: string, from: From, reason = ''): Promise<void> {
    return this.#failed(method, who, from, reason)
  }

  async #open(id: string, method: SignInMethod, from: From, credential = ''): Promise<Verdict<SignedIn>> {
    const { logins } = this.#deps
    return pass(await logins.open(id, method, from, credential))
  }

  async #failed(method: SignInMethod, who: string, { address }: From, reason = ''): Promise<void> {
    const details = { method, address, who: who.slice(0, 64), ...(reason === '' ? {} : { reason }) }
    await this.#deps.evidence.append([this.#record('login.failed', details)])
  }

  #record(event: string, details: JsonObject): LogRecord {
    const { clock, random } = this.#deps
    const timestamp = new Date(clock.now()).toISOString()
    return { kind: 'identity', auditId: random.uuid(), timestamp, level: 'warn', event, ...details }
  }

  /** One a minute for each network says it all. */
  #alertFailures(method: SignInMethod, name: string, { address }: From): void {
    if (!this.#alerts.take(networkOf(address)).ok) return
    this.#deps.alert('login.failures', 'high', { method, who: name.slice(0, 64), address })
  }
}
