import { isCredentialHeader } from '../credential/injection.ts'
import { SallyportError } from '../errors/error.ts'

/**
 * What of a request is not for a caller to say: where it goes, where it ends, what the connection does (RFC 9110 section 7.6.1), which
 * part of the answer is left out, and who it came from.
 */
const OURS: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'content-length', 'upgrade', 'expect'],
  ...[
    'http2-settings',
    'accept-encoding',
    'content-encoding',
    'range',
    'if-range',
    'forwarded',
    'via',
    'sudo',
    'max-forwards',
  ],
])
const OVERRIDES =
  /^(?:proxy[-_]|x[-_](?:(?:http[-_])?method|original|rewrite|forwarded|real|remote|client|cluster|on[-_]behalf)(?:[-_]|$))/
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
// eslint-disable-next-line no-control-regex -- a header may hold a tab and what is visible
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]{0,4096}$/
const MOST = 32

/**
 * Headers that a caller wants sent, in lower case. Nothing is taken out in silence: a caller that meant it would not know.
 * @throws SallyportError SP_MCP_INVALID_ARGUMENTS naming the header
 */
export function readRequestHeaders(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const headers = new Map<string, string>()
  for (const [written, value] of Object.entries(given)) {
    const name = written.toLowerCase()
    const fault = faultOf(name, value, headers)
    if (fault !== undefined)
      throw new SallyportError(
        'SP_MCP_INVALID_ARGUMENTS',
        `The header ${JSON.stringify(written.slice(0, 64))} ${fault}.`,
      )
    headers.set(name, value)
  }
  return Object.fromEntries(headers)
}

function faultOf(name: string, value: string, others: ReadonlyMap<string, string>): string | undefined {
  if (!NAME.test(name)) return 'has a name that no header can have'
  if (!VALUE.test(value)) return 'holds a line break, other controls or too much'
  if (isCredentialHeader(name)) return 'says who is asking; credentials are put in by the gateway'
  if (OURS.has(name) || OVERRIDES.test(name)) return 'is for the gateway to set'
  if (others.has(name)) return 'is there twice'
  return others.size >= MOST ? 'is one too many' : undefined
}
