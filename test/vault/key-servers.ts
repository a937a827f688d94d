import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { fixture, isSigned, TOKEN, type Answer, type Fixture } from './backend-servers.ts'

/** AES-256-GCM as such services use it: nonce, text, tag. */
function box(key: Buffer, about: string) {
  return {
    close: (plain: Buffer): Buffer => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    /** @returns undefined for what it did not close */
    open: (closed: Buffer): Buffer | undefined => {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, closed.subarray(0, 12)).setAAD(Buffer.from(about))
        decipher.setAuthTag(closed.subarray(-16))
        return Buffer.concat([decipher.update(closed.subarray(12, -16)), decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}

/**
 * AWS Key Management Service, read on 2026-11-28:
 * - `POST /` with `X-Amz-Target: TrentService.Encrypt`: docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 * - `TrentService.Decrypt`: .../API_Decrypt.html: InvalidCiphertextException also for another encryption context, IncorrectKeyException,
 *   NotFoundException with 400
 */
export const awsKmsFixture = (): Promise<Fixture> => {
  const keys = new Map(['alias/sallyport', 'alias/other'].map((id) => [id, randomBytes(32)]))
  return fixture((request, body) => {
    const wrong = (type: string): Answer => ({ status: 400, body: { __type: type, message: type } })
    if (!isSigned(request, body, 'kms')) return { status: 403, body: { __type: 'InvalidSignatureException' } }
    const given = JSON.parse(body) as Readonly<Record<'KeyId' | 'Plaintext' | 'CiphertextBlob', string>> & {
      readonly EncryptionContext: object
    }
    const key = keys.get(given.KeyId)
    if (key === undefined) return wrong('NotFoundException')
    const { close, open } = box(key, JSON.stringify(given.EncryptionContext))
    const [about, target] = [{ KeyId: given.KeyId }, request.headers['x-amz-target']]
    if (target === 'TrentService.Encrypt')
      return {
        status: 200,
        body: { ...about, CiphertextBlob: close(Buffer.from(given.Plaintext, 'base64')).toString('base64') },
      }
    if (target !== 'TrentService.Decrypt') return wrong('UnknownOperationException')
    const plain = open(Buffer.from(given.CiphertextBlob, 'base64'))
    return plain === undefined
      ? wrong('InvalidCiphertextException')
      : { status: 200, body: { ...about, Plaintext: plain.toString('base64') } }
  })
}

/**
 * The transit engine of HashiCorp Vault and OpenBao, read on 2026-11-28: developer.hashicorp.com/vault/api-docs/secret/transit
 * - `POST /v1/transit/encrypt/:name`, "Encrypt data": `plaintext` and `associated_data` in base64, gives `ciphertext`
 * - `POST /v1/transit/decrypt/:name`, "Decrypt data": 400 for a ciphertext that does not open
 */
export const transitFixture = (): Promise<Fixture> => {
  const keys = new Map(['sallyport', 'other'].map((name) => [name, randomBytes(32)]))
  return fixture((request, body) => {
    if (request.headers['x-vault-token'] !== TOKEN) return { status: 403, body: { errors: ['permission denied'] } }
    if (request.url === '/v1/auth/token/lookup-self')
      return { status: 200, body: { data: { ttl: 0, renewable: false } } }
    const [, act, name = ''] = /^\/v1\/transit\/(encrypt|decrypt)\/(\w+)$/.exec(request.url ?? '') ?? []
    if (act === undefined || request.method !== 'POST') return { status: 404, body: { errors: [] } }
    const key = keys.get(name)
    if (key === undefined) return { status: 400, body: { errors: ['encryption key not found'] } }
    const given = JSON.parse(body) as Readonly<Record<'plaintext' | 'ciphertext' | 'associated_data', string>>
    const { close, open } = box(key, given.associated_data)
    if (act === 'encrypt')
      return {
        status: 200,
        body: { data: { ciphertext: `vault:v1:${close(Buffer.from(given.plaintext, 'base64')).toString('base64')}` } },
      }
    const [, text = ''] = /^vault:v1:(.+)$/.exec(given.ciphertext) ?? []
    const plain = open(Buffer.from(text, 'base64'))
    return plain === undefined
      ? { status: 400, body: { errors: ['cipher: message authentication failed'] } }
      : { status: 200, body: { data: { plaintext: plain.toString('base64') } } }
  })
}
