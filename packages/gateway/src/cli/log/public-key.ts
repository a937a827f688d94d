import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rawPublicKey, SallyportError } from '@sallyport/core'
import type { CliIo, CliOptions } from '../command.ts'

/** Public key of the checkpoints, raw 32 bytes. @throws SallyportError SP_CONFIG_NOT_FOUND. */
export function readPublicKey(io: CliIo, options: CliOptions): Uint8Array {
  const path = typeof options['key'] === 'string' ? options['key'] : join(io.stateDir, 'keys', 'checkpoint.pub')
  try {
    return rawPublicKey(createPublicKey(readFileSync(path)))
  } catch (cause) {
    throw new SallyportError('SP_CONFIG_NOT_FOUND', `There is no public key in ${path}; name one with --key.`, {
      cause,
    })
  }
}
