import type { CredentialType } from '@sallyport/core'
import type { Document } from '../../store/ports.ts'
import type { Envelope } from './envelope.ts'

/** What may be known of a credential; never its value, nor the length of it. Times in ms since 1970. */
export interface SecretInfo {
  readonly name: string
  readonly type: CredentialType
  readonly state: 'active' | 'revoked'
  /** Of the value: 1 for the first one. */
  readonly version: number
  readonly createdAt: number
  readonly expiresAt: number
  /** Who set this value. */
  readonly by: string
  /** Keyed, so that two records can be told to be of one value, and nothing else (E-46). */
  readonly fingerprint: string
  /** Id of the master key. */
  readonly master: string
}

/** A value with what a backup holds of it. */
export interface BackedUp extends Pick<SecretInfo, 'name' | 'type' | 'version' | 'createdAt' | 'expiresAt'> {
  readonly value: Uint8Array
}

/** Names of a backup by what became of them. */
export interface Restored {
  readonly restored: readonly string[]
  /** There already, with the same value and end. */
  readonly unchanged: readonly string[]
  /** Their time was over. */
  readonly ended: readonly string[]
}

/** A change of a credential, for the log (AC-4.5.2). */
export interface Change {
  readonly operation: 'create' | 'rotate' | 'revoke' | 'rewrap' | 'rekey' | 'restore'
  readonly by: string
  readonly reason?: string
}

/** A change, and how far it has come. An intent without an outcome was not made. */
export interface SecretEvent extends Change {
  readonly info: SecretInfo
  /** Joins intent and outcome. */
  readonly change: string
  readonly phase: 'intent' | 'outcome'
  /** Of an outcome: why it was not made. */
  readonly error?: string
  /** The gateway ended between row and outcome; the next one that opened the vault found the row. */
  readonly recovered?: true
}

/** A row of the store as the vault sees it. */
export interface Row {
  readonly document: Document
  readonly info: SecretInfo
  /** Counts the changes of this name, also over a row that was lost. */
  readonly serial: number
  /** The one that made it like this. */
  readonly last: Change & { readonly id: string }
  /** Absent once the value is gone. */
  readonly envelope: Envelope | undefined
}

export const SECRET_KIND = 'secret'

/** The store has checked that this gateway wrote it. */
export function rowOf(document: Document): Row {
  const { envelope, serial, last, ...info } = document.body as unknown as SecretInfo & Omit<Row, 'document' | 'info'>
  return { document, info, serial, last, envelope }
}
