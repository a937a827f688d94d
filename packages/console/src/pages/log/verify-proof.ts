import { fromHex, toHex } from '../../presence/encoding.ts'

/** A proof as the gateway gives it; nothing in it is believed. */
export interface Proof {
  readonly record: {
    readonly stream: string
    readonly seq: number
    readonly prev: string
    readonly hash: string
    readonly body: string
  }
  readonly index: number
  readonly path: readonly string[]
  /** C2SP signed note. */
  readonly checkpoint: string
  /** `name+id+base64(0x01 ‖ Ed25519 key)` */
  readonly key: string
}

export type Verified =
  | { readonly ok: true; readonly size: number; readonly at: number; readonly signer: string; readonly ms: number }
  | { readonly ok: false; readonly why: string }

const utf8 = new TextEncoder()

async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/**
 * Checks a proof with WebCrypto, step by step: the text of the record gives its hash, the hash and the path give the root, the root
 * is the one that was signed, and the signature fits the key (RFC 6962 §2.1.1, C2SP signed notes).
 */
export async function verifyProof(proof: Proof): Promise<Verified> {
  const began = performance.now()
  try {
    const { record, index, path } = proof
    const chained = await sha256(
      utf8.encode(`sallyport/record/1\n${record.stream}\n${record.seq}\n${record.prev}\n${record.body}`),
    )
    if (toHex(chained) !== record.hash) return no('this record differs from its own hash')
    const { text, size, root, at, name, signature, keyId } = readNote(proof.checkpoint)
    if (record.seq !== index + 1) return no('the proof is of another record')
    if (!(await isIncluded(await sha256(LEAF, chained), index, size, path, root))) {
      return no(`this record differs from what was signed at ${new Date(at).toISOString().slice(11, 19)}`)
    }
    // names hold no plus sign, base64 does
    const [, signer, id, encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(proof.key) ?? []
    const raw = fromBase64(encoded)
    if (signer !== name || id !== keyId || raw[0] !== 1 || raw.length !== 33) return no('another key has signed it')
    const key = await crypto.subtle.importKey('raw', raw.slice(1), { name: 'Ed25519' }, false, ['verify'])
    if (!(await crypto.subtle.verify('Ed25519', key, signature, utf8.encode(text))))
      return no('the signature is not genuine')
    return {
      ok: true,
      size,
      at,
      signer: `${name.split('/').slice(-2).join('/')}+${keyId}`,
      ms: performance.now() - began,
    }
  } catch (thrown) {
    return no(thrown instanceof Error ? thrown.message : 'the proof cannot be read')
  }
}

const no = (why: string): Verified => ({ ok: false, why })

/** RFC 9162 §2.1.3.2. */
async function isIncluded(leaf: Uint8Array, index: number, size: number, path: readonly string[], root: string) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false
  let [fn, sn, result] = [index, size - 1, leaf]
  for (const step of path.map(fromHex)) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      result = await sha256(NODE, step, result)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
    } else result = await sha256(NODE, result, step)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 && toHex(result) === root
}

function readNote(note: string) {
  const split = note.lastIndexOf('\n\n')
  const text = note.slice(0, split + 1)
  const [name = '', count = '', root = '', time = ''] = text.split('\n')
  const line = note
    .slice(split + 2)
    .split('\n')
    .find((each) => each.startsWith(`— ${name} `))
  const signed = fromBase64(line?.split(' ')[2] ?? '')
  const size = Number(count)
  if (split < 1 || !/^[1-9][0-9]*$/.test(count) || signed.length !== 68)
    throw new Error('the signed head cannot be read')
  return {
    ...{ text, name, size, root: toHex(fromBase64(root)), at: Number(time.replace('sallyport/ts ', '')) },
    ...{ keyId: toHex(signed.slice(0, 4)), signature: signed.slice(4) },
  }
}

const fromBase64 = (encoded: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))
