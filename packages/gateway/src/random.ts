import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import type { Random } from './boundary/ports.ts'

export const systemRandom: Random = Object.freeze({
  bytes: (length: number) => randomBytes(length),
  uuid: () => v7(),
})
