import { open } from 'node:fs/promises'
import { jsonLine, ocsfFinding } from '@sallyport/core'
import type { Sink } from '../sink.ts'

/** Appends findings to a file, one a line; on disk before it counts as told. */
export const ocsfFileSink = (path: string, version: string): Sink => ({
  send: async (notice) => {
    const file = await open(path, 'a', 0o600)
    try {
      await file.appendFile(jsonLine(ocsfFinding(notice, version)))
      await file.datasync()
    } finally {
      await file.close()
    }
  },
})
