import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemRandom } from '../random.ts'
import { openKeys } from './keys.ts'

let place: string
let keys: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sallyport-gateway-keys-'))
  keys = join(place, 'keys')
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const open = (storeExists = false) => openKeys(keys, storeExists, systemRandom)

test('T-004: keys are made once, read again as they are, and no file of them is open to others', () => {
  const first = open()
  expect(open(true)).toMatchObject({ gatewayId: first.gatewayId, mac: first.mac, pepper: first.pepper })
  for (const name of readdirSync(keys)) expect(statSync(join(keys, name)).mode & 0o077, name).toBe(0)
})

test.each(['mac', 'redact', 'pepper', 'credential', 'checkpoint', 'identity'])(
  'T-004: beside a store a missing %s.key is not made anew',
  (name) => {
    open()
    rmSync(join(keys, `${name}.key`))
    expect(() => open(true)).toThrow(expect.objectContaining({ code: 'SP_STORE_TAMPERED' }) as never)
    expect(readdirSync(keys)).not.toContain(`${name}.key`)
  },
)

test('a directory that others may enter is closed to them', () => {
  mkdirSync(keys, { mode: 0o755 })
  chmodSync(place, 0o755)
  open()
  for (const path of [place, keys]) expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('a directory of another account is not used', () => {
  mkdirSync(keys)
  const { getuid } = process
  if (getuid?.() === 0) chownSync(keys, 65_534, 65_534)
  process.getuid = () => 4321
  try {
    expect(() => open()).toThrow(expect.objectContaining({ code: 'SP_STORE_UNAVAILABLE' }) as never)
  } finally {
    if (getuid !== undefined) process.getuid = getuid
  }
})

test('T-004: a key that is not the one that people know the gateway by, and what is no key, are refused', () => {
  open()
  const other = mkdtempSync(join(tmpdir(), 'sallyport-other-'))
  try {
    openKeys(join(other, 'keys'), false, systemRandom)
    const theirs = join(other, 'keys', 'identity.pub')
    rmSync(join(keys, 'identity.pub'))
    writeFileSync(join(keys, 'identity.pub'), readFileSync(theirs))
    expect(() => open(true)).toThrow(expect.objectContaining({ code: 'SP_STORE_TAMPERED' }) as never)
  } finally {
    rmSync(other, { recursive: true })
  }
  rmSync(keys, { recursive: true })
  open()
  writeFileSync(join(keys, 'checkpoint.key'), 'nothing of the kind')
  expect(() => open(true)).toThrow(expect.objectContaining({ code: 'SP_STORE_UNAVAILABLE' }) as never)
})
