import { SallyportError } from '../../errors/error.ts'
import { readLogSearch, SearchFault, type LogSearch } from './query.ts'

/**
 * Reads a search (see `readLogSearch`).
 * @throws SallyportError SP_AUDIT_QUERY with `details: { at, length }`, counted in UTF-16 units from 0.
 */
export function parseLogSearch(text: string): LogSearch {
  try {
    return readLogSearch(text)
  } catch (thrown) {
    if (!(thrown instanceof SearchFault)) throw thrown
    const { message, at, length } = thrown
    throw new SallyportError('SP_AUDIT_QUERY', `Character ${at + 1}: ${message}`, { details: { at, length } })
  }
}
