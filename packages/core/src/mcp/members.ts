/**
 * Names that readers in other languages may take for a protocol member although they are not it (T-074): other case
 * (Go's encoding/json matches `Method`), compatibility forms (`paramſ`), NUL, zero-width or white space around it.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]/gu
const PLAIN = /^[a-z_$][a-z0-9_.\-/$]*$/

const fold = (key: string): string => key.normalize('NFKC').replace(INVISIBLE, '').toLowerCase().normalize('NFKC')

const table = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [fold(name), name]))

const ENVELOPE = table(['jsonrpc', 'id', 'method', 'params', 'result', 'error'])
const PARAMS = table([
  '_meta', 'name', 'arguments', 'uri', 'cursor', 'ref', 'argument', 'context', 'level', 'requestId', 'progressToken',
  'protocolVersion', 'capabilities', 'clientInfo', 'notifications', 'inputResponses', 'requestState', 'task', 'taskId',
]) // prettier-ignore

/** The protocol member that `key` could be mistaken for, or undefined when it is one exactly or none at all. */
function lookalike(key: string, members: ReadonlyMap<string, string>): string | undefined {
  if (PLAIN.test(key)) {
    // Plain lower case: equal to a member or no member, except where the member itself has capitals.
    const member = members.get(key)
    return member === undefined || member === key ? undefined : member
  }
  const member = members.get(fold(key))
  return member === undefined || member === key ? undefined : member
}

/** First key that looks like a member of the JSON-RPC envelope and is not. */
export const envelopeLookalike = (keys: Iterable<string>): string | undefined => first(keys, ENVELOPE)
/** First key that looks like a member of the `params` of some method and is not. */
export const paramsLookalike = (keys: Iterable<string>): string | undefined => first(keys, PARAMS)

function first(keys: Iterable<string>, members: ReadonlyMap<string, string>): string | undefined {
  for (const key of keys) {
    const member = lookalike(key, members)
    if (member !== undefined) return member
  }
  return undefined
}
