import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { RE2JS } from 're2js'
import type { ErrorCode } from '../../errors/codes.ts'
import { SallyportError } from '../../errors/error.ts'
import { canonicalJson } from '../../json/canonical.ts'
import { sha256 } from '../../json/digest.ts'
import { parseJson } from '../../json/parse.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json/types.ts'
import { PACK_FORMAT, PACK_LIMITS, type PackKey, type PackRule, type RulePack } from './pack.ts'
import { readPack } from './read-pack.ts'

/** A rule that can be run. */
export interface CompiledRule extends Omit<PackRule, 'pattern' | 'positive' | 'negative'> {
  /** First match from `from` on, UTF-16 units. Linear in the text. */
  find(text: string, from?: number): { readonly start: number; readonly end: number } | undefined
}

/** A pack whose signature, version, form and examples hold. */
export interface VerifiedPack {
  readonly name: string
  readonly version: RulePack['version']
  /** SHA-256 of the signed bytes. */
  readonly digest: string
  /** Key that signed. */
  readonly key: string
  readonly rules: readonly CompiledRule[]
}

export type PackVerdict =
  | { readonly ok: true; readonly pack: VerifiedPack }
  | {
      readonly ok: false
      readonly code: Extract<ErrorCode, 'SP_RULES_SIGNATURE' | 'SP_RULES_OLDER' | 'SP_RULES_INVALID'>
      readonly detail: string
    }

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes that are signed: the format, a line break, and the pack in canonical form (RFC 8785). */
const signedText = (pack: Json): string => `${PACK_FORMAT}\n${canonicalJson(pack)}`

/** Id of a raw Ed25519 public key. */
export const packKeyId = (publicKey: Uint8Array): string => sha256(publicKey).slice(0, 16)

/**
 * Checks a pack: its signature first, by a key of `keys` and nothing else; then that it is newer than `current`, the pack of the
 * same name in force; then its form; at last every rule against its own examples. Never throws. Nothing is believed of a pack
 * whose signature does not hold.
 */
export function verifyPack(
  bytes: Uint8Array,
  keys: readonly PackKey[],
  current: readonly Pick<VerifiedPack, 'name' | 'version' | 'digest'>[] = [],
): PackVerdict {
  try {
    const { body, text, key } = authenticate(bytes, keys)
    const pack = readPack(body)
    const older = current.find(({ name }) => name === pack.name)
    if (older !== undefined && pack.version.number <= older.version.number) {
      const detail = `Version ${pack.version.number} of ${pack.name} does not follow ${older.version.number}.`
      return { ok: false, code: 'SP_RULES_OLDER', detail }
    }
    return { ok: true, pack: { ...pack, digest: sha256(text), key, rules: pack.rules.map(compileRule) } }
  } catch (thrown) {
    const known = thrown instanceof SallyportError && thrown.code.startsWith('SP_RULES_') ? thrown : undefined
    const code = (known?.code ?? 'SP_RULES_INVALID') as 'SP_RULES_INVALID'
    return { ok: false, code, detail: known?.detail ?? 'It is not JSON in UTF-8, each member once.' }
  }
}

function authenticate(
  bytes: Uint8Array,
  keys: readonly PackKey[],
): { readonly body: JsonObject; readonly text: string; readonly key: string } {
  if (bytes.length > PACK_LIMITS.bytes) throw new SallyportError('SP_RULES_INVALID', 'It is larger than 2 MB.')
  const whole = parseJson(utf8.decode(bytes))
  if (!isJsonObject(whole)) throw new SallyportError('SP_RULES_INVALID', 'It is not an object.')
  const { signature, ...body } = whole
  const { key: id, value } = isJsonObject(signature) ? signature : {}
  if (typeof id !== 'string' || typeof value !== 'string') {
    throw new SallyportError('SP_RULES_SIGNATURE', 'It is not signed.')
  }
  const key = keys.find((candidate) => candidate.id === id)
  if (key === undefined) {
    throw new SallyportError(
      'SP_RULES_SIGNATURE',
      `It is signed with the key ${id.slice(0, 64)}, which is not trusted here.`,
    )
  }
  const raw = Buffer.from(value, 'base64')
  const text = signedText(body)
  const isCanonical = raw.length === 64 && raw.toString('base64') === value
  if (!isCanonical || !verify(null, Buffer.from(text), keyObject(key), raw)) {
    throw new SallyportError('SP_RULES_SIGNATURE', 'Its signature does not hold.')
  }
  return { body, text, key: id }
}

function keyObject({ id, publicKey }: PackKey): KeyObject {
  const raw = Buffer.from(publicKey, 'base64')
  if (raw.length !== 32 || packKeyId(raw) !== id) {
    throw new SallyportError('SP_RULES_SIGNATURE', `The trusted key ${id} is not the one its id says.`)
  }
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' })
}

/** @throws SallyportError SP_RULES_INVALID where the pattern is none, or does not do what its examples say */
function compileRule({ pattern, positive, negative, ...rule }: PackRule): CompiledRule {
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE)
  } catch {
    throw new SallyportError('SP_RULES_INVALID', `The pattern of ${rule.id} is not one of RE2.`)
  }
  const find: CompiledRule['find'] = (text, from = 0) => {
    if (from > text.length) return undefined
    const matcher = compiled.matcher(text)
    return matcher.find(from) ? { start: matcher.start(), end: matcher.end() } : undefined
  }
  const holds = (text: string): boolean => {
    const lower = text.toLowerCase()
    const match = find(text)
    return match !== undefined && match.end > match.start && rule.anchors.some((anchor) => lower.includes(anchor))
  }
  if (find('') !== undefined)
    throw new SallyportError('SP_RULES_INVALID', `The pattern of ${rule.id} matches nothing at all.`)
  const missed = positive.findIndex((example) => !holds(example))
  if (missed >= 0)
    throw new SallyportError('SP_RULES_INVALID', `${rule.id} does not find its positive example ${missed}.`)
  const hit = negative.findIndex((example) => find(example) !== undefined)
  if (hit >= 0) throw new SallyportError('SP_RULES_INVALID', `${rule.id} finds its negative example ${hit}.`)
  return { ...rule, find }
}

/**
 * Signs a pack.
 * @throws SallyportError SP_RULES_INVALID where it would not be taken
 */
export function signPack(pack: RulePack, privateKey: KeyObject): JsonObject {
  const body = readPack(pack as unknown as Json)
  for (const rule of body.rules) compileRule(rule)
  const raw = createPublicKey(privateKey as never)
    .export({ type: 'spki', format: 'der' })
    .subarray(SPKI_PREFIX.length)
  const plain = body as unknown as JsonObject
  const value = sign(null, Buffer.from(signedText(plain)), privateKey).toString('base64')
  return { ...plain, signature: { key: packKeyId(raw), value } }
}
