import type { Json, JsonObject, PersonRole, Scope } from '@sallyport/core'
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
}

/** Ways to sign in that this gateway offers, for the page that offers them. */
export interface SignInMethods {
  readonly passkey: boolean
  readonly password: boolean
  /** What the company's sign-in is called; absent where there is none. */
  readonly company?: string
}

/** The line every page shows: how well the gateway protects, and what it does. */
export interface GatewayLine extends JsonObject {
  readonly level: string
  readonly mode: string
  readonly version: string
}

export type ScopesOf = (id: string) => readonly Scope[]
