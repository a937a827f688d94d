import { digest, isJsonObject, SallyportError, type Json, type JsonObject } from '@sallyport/core'

/** Tools of one server as they were locked: name → SHA-256 of the whole definition, without how the server is started. */
export interface LockedServer {
  readonly alias: string
  readonly tools: Readonly<Record<string, string>>
}

/** One server as the gateway knows it: what is pinned, and what it serves now. */
export interface ServedServer extends LockedServer {
  readonly served: Readonly<Record<string, string>>
}

/** What a definition is locked by: every member of it, on every machine the same. */
export const toolHash = (definition: Json): string => digest('sallyport/locked-tool/1', definition)

const ALIAS = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/
const HASH = /^[0-9a-f]{64}$/
const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1

/** Servers as a member of the lock file; each tool has a line of its own, so that changes of different tools merge. */
export const serversJson = (servers: readonly LockedServer[]): JsonObject =>
  Object.fromEntries(
    servers
      .map(({ alias, tools }) => [alias, Object.fromEntries(Object.entries(tools).toSorted(byName))] as const)
      .toSorted(byName),
  )

/** @throws SallyportError SP_SKILL_LOCK_INVALID for anything that is not exactly such a member */
export function readServers(value: Json | undefined): readonly LockedServer[] {
  if (value === undefined) return []
  const invalid = (why: string): never => {
    throw new SallyportError('SP_SKILL_LOCK_INVALID', why)
  }
  if (!isJsonObject(value)) return invalid('Its servers are no object.')
  return Object.entries(value).map(([alias, tools]) => {
    if (!ALIAS.test(alias) || !isJsonObject(tools)) return invalid(`servers.${alias.slice(0, 40)} is no server.`)
    const odd = Object.entries(tools).find(([, hash]) => typeof hash !== 'string' || !HASH.test(hash))
    if (odd !== undefined) return invalid(`servers.${alias}.${odd[0].slice(0, 40)} is no SHA-256.`)
    return { alias, tools: tools as Readonly<Record<string, string>> }
  })
}

/** What of a server is not as it was locked. `pinned`: what the gateway lets run; `served`: what the server says now. */
export interface ServerDrift {
  readonly kind: 'missing-server' | 'missing' | 'unlocked' | 'pinned' | 'served'
  readonly server: string
  readonly tool: string
}

/** Holds pins and served definitions against what was locked (HB-35, E-85, T-083). A server that is not locked is left alone. */
export function verifyServers(
  locked: readonly LockedServer[],
  present: readonly ServedServer[],
): readonly ServerDrift[] {
  return locked.flatMap(({ alias: server, tools }): readonly ServerDrift[] => {
    const now = present.find(({ alias }) => alias === server)
    if (now === undefined) return [{ kind: 'missing-server', server, tool: '' }]
    const names = new Set([...Object.keys(tools), ...Object.keys(now.tools), ...Object.keys(now.served)])
    return [...names].toSorted().flatMap((tool): readonly ServerDrift[] => {
      const was = own(tools, tool)
      if (was === undefined) return [{ kind: 'unlocked', server, tool }]
      const [pinned, served] = [own(now.tools, tool), own(now.served, tool)]
      if (served === undefined) return [{ kind: 'missing', server, tool }]
      if (served !== was) return [{ kind: 'served', server, tool }]
      return pinned !== undefined && pinned !== was ? [{ kind: 'pinned', server, tool }] : []
    })
  })
}

const own = (tools: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(tools, name) ? tools[name] : undefined
