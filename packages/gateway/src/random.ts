import { randomBytes, randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'
import type { Random } from './boundary/ports.ts'

/** Ids are made for every call; asking the operating system 16 bytes at a time costs more than all the rest of one. */
const POOL = 4096

/** The operating system's randomness. */
function createRandom(): Random {
  const pool = new Uint8Array(POOL)
  let used = POOL
  const next = (length: number): Uint8Array => {
    if (used + length > POOL) {
      randomFillSync(pool)
      used = 0
    }
    used += length
    return pool.subarray(used - length, used)
  }
  return Object.freeze({
    bytes: (length: number) => randomBytes(length),
    uuid: () => v7({ random: next(16) }),
  })
}

export const systemRandom: Random = createRandom()
