import { randomBytes, randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'
import type { Random } from './boundary/ports.ts'

/** Ids and nonces are made for every call; asking the operating system 16 bytes at a time costs more than all the rest of one. */
const POOL = 4096
/** Keys are asked for on their own. */
const MOST_POOLED = 24

/** The operating system's randomness. */
function createRandom(): Random {
  const pool = new Uint8Array(POOL)
  let used = POOL
  /** Copied out and wiped: what was handed out stands in no pool. */
  const take = (length: number): Uint8Array => {
    if (used + length > POOL) {
      randomFillSync(pool)
      used = 0
    }
    const taken = pool.slice(used, used + length)
    pool.fill(0, used, (used += length))
    return taken
  }
  return Object.freeze({
    bytes: (length: number) => (length > MOST_POOLED ? randomBytes(length) : take(length)),
    uuid: () => v7({ random: take(16) }),
  })
}

export const systemRandom: Random = createRandom()
