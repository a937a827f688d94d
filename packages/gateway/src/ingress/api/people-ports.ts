import type { Json, JsonObject, PersonRole } from '@sallyport/core'
import type { Verdict } from '../../boundary/ports.ts'

/** Where a request comes from: the address the gateway sees, and what the browser says it is. */
export interface From {
  readonly address: string
  readonly browser: string
}

/** Times in ms since 1970. */
export interface PersonView {
  readonly id: string
  readonly roles: readonly PersonRole[]
  readonly origin: string
  readonly addedAt: number
  readonly addedBy: string
  readonly password?: unknown
  readonly recovery: readonly string[]
}

export interface LoginView {
  readonly id: string
  readonly operator: string
  readonly method: string
  readonly createdAt: number
  readonly lastActivityAt: number
  readonly addresses: readonly string[]
  readonly browser: string
}

export interface PeopleApi {
  list(): readonly PersonView[]
  get(id: string): PersonView | undefined
  add(name: string, roles: readonly PersonRole[], by: string): Promise<PersonView>
  setRoles(id: string, roles: readonly PersonRole[], by: string): Promise<PersonView>
  remove(id: string, by: string): Promise<void>
}

export interface LoginsApi {
  get(session: string): LoginView | undefined
  list(): readonly LoginView[]
  idOf(token: string): string | undefined
  endsOf(login: LoginView): { readonly idle?: number; readonly absolute?: number }
  end(session: string, reason: 'sign-out' | 'revoked', by: string): Promise<boolean>
  endAllOf(operator: string, reason: 'revoked', by: string, except?: string): Promise<number>
}

/** A session that was just opened: the token is for the cookie alone. */
export interface SignedIn {
  readonly token: string
  readonly login: LoginView
}

export interface SignInApi {
  passkeyOptions(): Promise<Json>
  passkey(response: Json, from: From): Promise<Verdict<SignedIn>>
  password(name: string, password: string, from: From): Promise<Verdict<SignedIn>>
  setPassword(id: string, password: string, by: string): Promise<void>
}

/** Sign-in by the company's provider. */
export interface CompanyApi {
  begin(next: string): Promise<Verdict<{ readonly url: string; readonly cookie: string }>>
  finish(
    cookie: string | undefined,
    query: Readonly<Record<string, string>>,
    from: From,
  ): Promise<Verdict<SignedIn & { readonly next: string }>>
}

/** Ways to sign in that this gateway offers, for the page that offers them. */
export interface SignInMethods {
  readonly passkey: boolean
  readonly password: boolean
  /** What the company's sign-in is called; absent where there is none. */
  readonly company?: string
  /** SHA-256 of the gateway's public key, hex, as `sallyport version` prints it. */
  readonly fingerprint?: string
}

/** The line every page shows: how well the gateway protects, and what it does. */
export interface GatewayLine extends JsonObject {
  readonly level: string
  readonly mode: string
  readonly version: string
}

/** What a link is for, as its browser is told. */
export interface LinkView {
  readonly for: string
  readonly name: string
  readonly endsAt: number
  readonly check: string
}

interface Redeemed {
  readonly cookie: string
  readonly view: LinkView
}

interface NewLink {
  readonly code: string
  readonly endsAt: number
}

export type SetUp = SignedIn & { readonly recoveryCodes: readonly string[] }

interface PinClaim {
  readonly name: string
  readonly salt: string
  readonly verifier: string
  readonly nonce: string
  readonly notAfter: number
}

export interface SetupApi {
  firstLink(by: string): Promise<Verdict<NewLink>>
  invite(operator: string, by: string): Promise<Verdict<NewLink>>
  redeem(code: string, from: From): Promise<Verdict<Redeemed>>
  pair(code: string, from: From): Promise<Verdict<Redeemed>>
  recover(name: string, code: string, from: From): Promise<Verdict<Redeemed>>
  view(cookie: string | undefined): Promise<Verdict<LinkView>>
  beginPasskey(cookie: string | undefined, name: string): Promise<Verdict<Json>>
  finishPasskey(
    cookie: string | undefined,
    made: { readonly name: string; readonly response: Json; readonly label: string },
    from: From,
  ): Promise<Verdict<SetUp>>
  pinChallenge(cookie: string | undefined, clientNonce: string): Promise<Verdict<unknown>>
  finishPin(cookie: string | undefined, claim: PinClaim, from: From): Promise<Verdict<SetUp>>
  newRecoveryCodes(id: string, by: string): Promise<readonly string[]>
}

interface DeviceView {
  readonly id: string
  readonly operator: string
  readonly credential: string
  readonly label: string
  readonly address: string
  readonly pairedAt: number
}

export interface DevicesApi {
  list(): Promise<readonly DeviceView[]>
  pairingCode(operator: string): Promise<Verdict<NewLink>>
  waiting(
    operator: string,
  ): Promise<
    readonly { readonly id: string; readonly check: string; readonly address: string; readonly endsAt: number }[]
  >
  confirm(operator: string, id: string, check: string): Promise<Verdict<null>>
  remove(id: string, by: string): Promise<Verdict<DeviceView>>
}
