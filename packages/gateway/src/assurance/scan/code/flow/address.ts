import { named, positional } from './given.ts'
import { changed, FIT, fitFor, isHole, join, textValue, valueOf, type Given, type Value } from './value.ts'

/** Set the host of an address that is put together. */
const SETS_HOST = /(?:^|\.)(?:host|setHost|authority|encodedAuthority|withHost|with_host|set_host)$/
/** Add what follows the host, or comes before it. */
const ADDS =
  /(?:^|\.)(?:add\w*|path|pathSegment|setPath\w*|queryParam\w*|query|setParameter\w*|setQuery|appendPath|appendQueryParameter|appendEncodedPath|fragment|port|setPort|scheme|setScheme|replacePath|replaceQuery|buildAndExpand|with_path|with_query|setCustomQuery)$/
const BUILDER = /[bB]uilder|(?:^|\.)URL(?:\.build)?\(\)/
/** Make an address of named parts. */
const OF_PARTS =
  /^(?:yarl\.URL\.build|httpx\.URL|url\.format|URI\.HTTPS?\.build|URI\.Generic\.build|Addressable\.URI\.new|furl\.furl)$/
/** Make one of a list: scheme, host, path. */
const OF_LIST = /^urllib\.parse\.url(?:unsplit|unparse)$/
/** The last part of any of these: most calls are none. */
const NAMES =
  /^(?:host|[sS]et[A-Z_]\w*|set_host|\w*[aA]uthority|with\w+|add\w*|path|pathSegment|query\w*|append\w+|fragment|port|scheme|replace\w+|buildAndExpand|build|URL|format|new|furl|urlunsplit|urlunparse|_replace)$/
const HOST_NAMES = ['host', 'hostname', 'netloc', 'authority'] as const

const behind = (host: Value, rest: readonly Value[]): Value =>
  join([textValue('https://'), host, textValue('/'), ...rest])

/** What a function that puts an address together makes; undefined: it is none. */
export function address(path: string, receiver: Value | undefined, given: readonly Given[]): Value | undefined {
  if (!NAMES.test(path.slice(path.lastIndexOf('.') + 1))) return undefined
  const first = positional(given, 0)
  if (OF_LIST.test(path)) {
    const [, host, ...rest] = first?.items ?? []
    return host === undefined ? undefined : behind(host, rest)
  }
  if (OF_PARTS.test(path) || path.endsWith('._replace')) {
    const host = HOST_NAMES.map((name) => named(given, name)).find((one) => one !== undefined)
    if (host !== undefined) return behind(host, [])
    return path.endsWith('._replace') && receiver !== undefined ? valueOf(receiver.pieces) : undefined
  }
  if (receiver?.path === undefined || first === undefined || !BUILDER.test(receiver.path)) return undefined
  if (SETS_HOST.test(path)) return changed(behind(first, []), { path: `${path}()` })
  const [head] = receiver.pieces
  if (ADDS.test(path) && head !== undefined && !isHole(head) && /^https?:\/\//.test(head))
    return changed(join([receiver, fitFor(first, FIT.host)]), { path: `${path}()` })
  return undefined
}
