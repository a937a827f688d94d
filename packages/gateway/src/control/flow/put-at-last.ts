import { SallyportError } from '@sallyport/core'

const ATTEMPTS = 8

/**
 * Writes a row that others may write too: each attempt is a compare-and-set, and after one that lost the row is read again.
 * @param write true when there is nothing (left) to write
 * @throws SallyportError SP_STORE_UNAVAILABLE saying `failure`, when others were faster every time
 */
export async function putAtLast(
  write: () => Promise<boolean>,
  readAgain: () => Promise<void>,
  failure: string,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await write()) return
    await readAgain()
  }
  throw new SallyportError('SP_STORE_UNAVAILABLE', failure)
}
