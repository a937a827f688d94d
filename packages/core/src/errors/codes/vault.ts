import type { CodeEntry } from '../code-entry.ts'

/** Vault and credentials. No text of these ever holds a value, nor a part or the length of one. */
export const VAULT_CODES = {
  SP_VAULT_LOCKED: {
    title: 'The vault cannot be opened.',
    next: 'Check `vault.key` in the configuration and what it names. Nothing was decrypted.',
    http: 503,
    exit: 3,
  },
  SP_VAULT_KEY_MISSING: {
    title: 'A credential was encrypted with a master key that is not here.',
    next: 'Put that key back into the file or variable that `vault.key` names, behind the one in use.',
    http: 503,
    exit: 3,
  },
  SP_VAULT_TAMPERED: {
    title: 'A row of the vault was not written like this.',
    next: 'Restore a backup, or set the credential anew. Find out who changed the store.',
    http: 500,
    exit: 3,
  },
  SP_VAULT_ROLLED_BACK: {
    title: 'The vault is older than the log says.',
    next: 'Restore the newest store. Credentials revoked since would be alive again in this one.',
    http: 500,
    exit: 3,
  },
  SP_VAULT_UNKNOWN: {
    title: 'There is no such credential.',
    next: '`sallyport vault ls` lists them.',
    http: 404,
    exit: 2,
  },
  SP_VAULT_DENIED: {
    title: 'The backend does not let the gateway read this credential.',
    next: 'Check the token or key under `vault.backends`, and what it may read.',
    http: 403,
    exit: 3,
  },
  SP_VAULT_UNAVAILABLE: {
    title: 'The backend of this credential cannot be asked.',
    next: 'Nothing goes out without it. Check that the backend runs and can be reached.',
    http: 503,
    exit: 3,
    retryable: true,
  },
  SP_VAULT_INVALID: {
    title: 'This is no credential that can be kept.',
    next: 'See `docs/guides/credentials.md`.',
    http: 400,
    exit: 2,
  },
  SP_VAULT_CONFLICT: {
    title: 'The vault already has what this would make.',
    next: 'Nothing was changed. `sallyport vault restore --replace` puts what is in the backup over what is there.',
    http: 409,
    exit: 1,
  },
  SP_VAULT_EXPIRED: {
    title: 'The credential has expired.',
    next: 'Rotate it: `sallyport vault rotate NAME`.',
    http: 403,
    exit: 1,
  },
  SP_VAULT_REVOKED: {
    title: 'The credential was revoked.',
    next: 'Ask an operator; `sallyport credentials usage` shows when and by whom.',
    http: 403,
    exit: 1,
  },
  SP_VAULT_SCOPE: {
    title: 'The credential is not for this.',
    next: 'The message names what is allowed. An operator may widen the binding under `credentials`.',
    http: 403,
    exit: 1,
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
