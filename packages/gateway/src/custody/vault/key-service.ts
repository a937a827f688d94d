/**
 * A service that keeps a key nobody gets, and encrypts and decrypts with it (a KMS). It sees master keys alone, never a value: it is asked
 * when the vault is opened and when a master key is made. Every implementation passes one contract (test/vault/key-service.test.ts).
 */
export interface KeyService {
  /** What it and its key are called, for messages. */
  readonly name: string
  /**
   * @param id of the master key; what is wrapped under one id does not open under another
   * @throws SallyportError SP_VAULT_UNAVAILABLE, SP_VAULT_DENIED, SP_VAULT_LOCKED
   */
  wrap(id: string, key: Uint8Array): Promise<Buffer>
  /** @throws SallyportError as `wrap`; SP_VAULT_LOCKED for what it did not wrap under this id */
  unwrap(id: string, wrapped: Uint8Array): Promise<Buffer>
}
