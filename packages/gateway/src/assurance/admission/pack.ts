import { gunzipSync, gzipSync } from 'node:zlib'
import { isJsonObject, SallyportError, type Json } from '@sallyport/core'
import type { BundleFile } from './bundle.ts'
import { fingerprintOf, isExecutable } from './parts.ts'

/** Bytes of a pack, unpacked, beyond which it is none of ours. */
const LARGEST = 128_000_000

/** All files of a version in one, the copy that what lies in the folders is held against. */
export function packOf(files: readonly BundleFile[]): Uint8Array {
  const list = files.map((file) => [file.path, isExecutable(file), Buffer.from(file.bytes).toString('base64')])
  return gzipSync(JSON.stringify({ sallyportSkill: 1, files: list }))
}

/** @throws SallyportError SP_SKILL_TAMPERED when it does not hold exactly what has this hash */
export function openPack(bytes: Uint8Array, hash: string): readonly BundleFile[] {
  const files = readPack(bytes)
  if (files === undefined || fingerprintOf(files).hash !== hash)
    throw new SallyportError('SP_SKILL_TAMPERED', `The kept copy of ${hash.slice(0, 16)} is not what was admitted.`)
  return files
}

function readPack(bytes: Uint8Array): readonly BundleFile[] | undefined {
  let value: Json
  try {
    value = JSON.parse(gunzipSync(bytes, { maxOutputLength: LARGEST }).toString('utf8')) as Json
  } catch {
    return undefined
  }
  if (!isJsonObject(value) || !Array.isArray(value['files'])) return undefined
  const files: BundleFile[] = []
  for (const item of value['files'] as readonly Json[]) {
    if (!Array.isArray(item)) return undefined
    const [path, executable, data] = item as readonly Json[]
    if (typeof path !== 'string' || typeof data !== 'string') return undefined
    files.push({ path, bytes: Buffer.from(data, 'base64'), mode: executable === true ? 0o755 : 0o644 })
  }
  return files
}
