import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { canonicalJson, SallyportError, type JsonObject } from '@sallyport/core'
import type { Baseline } from '../scan/code/baseline.ts'

type Entry = Baseline['findings'][number]

/** What is signed: every member of the entry but the signature, so that none can be changed or moved to another finding. */
function messageOf(entry: Entry): Buffer {
  const { signature: _, ...rest } = entry
  return Buffer.from(`sallyport/override/1\n${canonicalJson(rest as JsonObject)}`)
}

/** Entries with a reason and a name, signed with an Ed25519 key (AC-7.1.3). Others stay as they are. */
export function signEntries({ version, findings }: Baseline, pem: string): Baseline {
  const key = keyOf(() => createPrivateKey(pem))
  return {
    version,
    findings: findings.map((entry) =>
      entry.reason === undefined || entry.by === undefined
        ? entry
        : { ...entry, signature: sign(null, messageOf(entry), key).toString('base64') },
    ),
  }
}

/** The baseline without the entries that none of these keys has signed. `pem`: one or more public keys. */
export function signedOnly({ version, findings }: Baseline, pem: string): Baseline {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? []
  if (blocks.length === 0) throw unusable()
  const keys = blocks.map((block) => keyOf(() => createPublicKey(block)))
  const holds = (entry: Entry): boolean =>
    entry.signature !== undefined &&
    keys.some((key) => verify(null, messageOf(entry), key, Buffer.from(entry.signature ?? '', 'base64')))
  return { version, findings: findings.filter(holds) }
}

function keyOf(read: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch (cause) {
    throw unusable(cause)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw unusable()
  return key
}

const unusable = (cause?: unknown): SallyportError =>
  new SallyportError(
    'SP_CLI_USAGE',
    'The key is no Ed25519 key in PEM form; `openssl genpkey -algorithm ed25519` makes one.',
    {
      cause,
    },
  )
