import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, toSallyportError } from '@sallyport/core'
import { hookCommand, hookScript, nodeHookClients, nodeHookCommand } from '../../hosts/script.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { entryState, readEntry, type EntryState } from '../../hosts/server-entry.ts'
import { WIRED_HOSTS } from '../../hosts/table.ts'
import { clientTraces, mcpPlaces, type Client, type Home, type Place } from './places.ts'
import { DEFAULT_CONFIG } from './default-config.ts'
import { decodeConfig, readConfigText, type ConfigPath, type ConfigText } from './text/config-text.ts'
import { agentOf, assignAlias, wrappedArgs } from './wrap.ts'

/** Everything `init` has found out about where it runs; all paths absolute. */
export interface Site extends Home {
  readonly stateDir: string
  readonly configPath: string
  readonly configExists: boolean
  readonly preset: string
  readonly node: string
  /** `bin/sallyport.js` */
  readonly program: string
  /** `dist/cli/hook/entry.js` */
  readonly hookEntry: string
  readonly curl: string | undefined
  readonly includeProject: boolean
  /** Only these clients; empty = all that are found. */
  readonly only: readonly string[]
  /** Agent name for every client; undefined = the client's own name. */
  readonly agent: string | undefined
}

interface PlannedServer {
  readonly client: Client
  readonly file: string
  readonly path: ConfigPath
  readonly name: string
  readonly alias: string | undefined
  readonly state: EntryState
  readonly note: string
}

export interface PlannedFile {
  readonly path: string
  /** Bytes now; undefined = the file does not exist. */
  readonly before: Uint8Array | undefined
  readonly after: string
  readonly mode: number
  readonly what: string
  /** Ours alone: written below the state directory or as configuration of Sallyport. */
  readonly own: boolean
}

export interface Plan {
  readonly files: readonly PlannedFile[]
  readonly servers: readonly PlannedServer[]
  readonly agents: readonly string[]
  readonly hosts: readonly string[]
  /** What is not covered, and what the user still has to do. */
  readonly notes: readonly string[]
}

/** Reads what is there and works out what to write. Writes nothing. */
export function makePlan(site: Site): Plan {
  const draft = new Draft(site)
  for (const place of mcpPlaces(site)) draft.servers(place)
  for (const host of WIRED_HOSTS) draft.hooks(host)
  draft.configuration()
  return draft.plan()
}

class Draft {
  readonly #site: Site
  readonly #texts = new Map<string, { before: Uint8Array | undefined; text: string; what: Set<string> }>()
  readonly #own: PlannedFile[] = []
  readonly #servers: PlannedServer[] = []
  readonly #agents = new Set<string>()
  readonly #hosts: string[] = []
  readonly #notes: string[] = []
  readonly #aliases = new Map<string, string>()

  constructor(site: Site) {
    this.#site = site
  }

  plan(): Plan {
    const files = [...this.#texts].map(([path, { before, text, what }]) => ({
      path,
      before,
      after: text,
      mode: 0o600,
      what: [...what].join(', '),
      own: false,
    }))
    const changed = files.filter(({ before, after }) => before === undefined || !sameBytes(before, after))
    return {
      files: [...this.#own, ...changed],
      servers: this.#servers,
      agents: [...this.#agents],
      hosts: this.#hosts,
      notes: this.#notes,
    }
  }

  servers(place: Place): void {
    if (!this.#wanted(place.client) || !existsSync(place.path)) return
    if (place.project && !this.#site.includeProject) {
      this.#notes.push(`${place.path} belongs to the project and was left alone; --project includes it.`)
      return
    }
    try {
      const text = readConfigText(place.format, this.#read(place.path))
      let edited = text
      for (const path of serverPaths(text, place.servers)) edited = this.#entry(place, edited, path)
      this.#write(place.path, edited.text, 'MCP servers through the gateway')
    } catch (thrown) {
      this.#notes.push(`${place.path} was left alone: ${toSallyportError(thrown, 'SP_CONFIG_INVALID').message}`)
    }
  }

  #entry(place: Place, text: ConfigText, path: ConfigPath): ConfigText {
    const entry = readEntry(path, text.get(path))
    const base = { client: place.client, file: place.path, path, name: String(path.at(-1)) }
    if (entry === undefined) {
      this.#servers.push({ ...base, alias: undefined, state: 'unreadable', note: 'The entry is not an object.' })
      return text
    }
    const state = entryState(entry)
    if (state === 'wrapped') this.#agents.add(agentOf(entry.args) ?? this.#agent(place.client))
    if (state !== 'stdio') {
      this.#servers.push({ ...base, alias: undefined, state, note: STATE_NOTES[state] })
      return text
    }
    const alias = assignAlias(entry, place.client, this.#aliases)
    const agent = this.#agent(place.client)
    const args = wrappedArgs(entry, alias, { ...this.#site, agent })
    try {
      const edited = text.set([...path, 'command'], this.#site.node).set([...path, 'args'], args)
      assertOnlyChanged(text, edited, path, { command: this.#site.node, args })
      this.#servers.push({ ...base, alias, state, note: '' })
      return edited
    } catch (thrown) {
      const note = toSallyportError(thrown, 'SP_CONFIG_INVALID').message
      this.#servers.push({ ...base, alias: undefined, state: 'unreadable', note })
      return text
    }
  }

  hooks(host: WiredHost): void {
    const { id } = host.profile
    const here = clientTraces(this.#site).some(({ client, path }) => client === id && existsSync(path))
    if (!this.#wanted(id) || !(here || this.#site.only.includes(id))) return
    const file = join(this.#site.home, host.hookFile.path)
    const agent = this.#agent(id as Client)
    const { stateDir, node, program, curl, hookEntry } = this.#site
    const paths = {
      script: join(stateDir, 'hooks', `${id}-${agent}.sh`),
      socket: join(stateDir, 'run', 'agent.sock'),
      credential: join(stateDir, 'agents', agent, 'credential'),
    }
    const start = [node, program, 'up', '--detach', '--quiet', '--state', stateDir, '--config', this.#site.configPath]
    try {
      const before = existsSync(file) ? this.#read(file) : undefined
      if (curl === undefined) {
        const clients = join(stateDir, 'hooks', `${id}-${agent}.json`)
        this.#ours(clients, `${JSON.stringify(nodeHookClients(host, paths), null, 2)}\n`, 0o600, 'hook client')
        this.#write(file, host.hookFile.install(before, nodeHookCommand(host, node, hookEntry, clients)), 'hooks')
      } else {
        this.#ours(paths.script, hookScript(host, { ...paths, curl, start }), 0o700, 'hook client')
        this.#write(file, host.hookFile.install(before, hookCommand(host, paths.script)), 'hooks')
      }
      for (const { setting, effect } of before === undefined ? [] : this.#disabling(host, before)) {
        this.#notes.push(`${host.profile.title}: ${setting} is set in ${file}. ${effect}`)
      }
      this.#hosts.push(id)
      this.#notes.push(`${host.profile.title}: ${host.afterInstall}`)
      if (host.profile.hardened === undefined) {
        this.#notes.push(
          `${host.profile.title} runs a tool when its hook dies, hangs or is not trusted: its hooks are observe-only. ` +
            'See `sallyport agents matrix`.',
        )
      }
    } catch (thrown) {
      this.#notes.push(`${file} was left alone: ${toSallyportError(thrown, 'SP_CONFIG_INVALID').message}`)
    }
  }

  configuration(): void {
    if (this.#site.configExists) return
    this.#ours(
      this.#site.configPath,
      DEFAULT_CONFIG(this.#site.preset),
      0o600,
      `configuration with preset:${this.#site.preset}`,
    )
  }

  #disabling(host: WiredHost, text: string): ReturnType<WiredHost['disabling']> {
    try {
      return host.disabling(text)
    } catch {
      return []
    }
  }

  #wanted(client: string): boolean {
    return this.#site.only.length === 0 || this.#site.only.includes(client)
  }

  #agent(client: Client): string {
    const agent = this.#site.agent ?? client
    this.#agents.add(agent)
    return agent
  }

  #read(path: string): string {
    const known = this.#texts.get(path)
    if (known !== undefined) return known.text
    const before = readFileSync(path)
    const text = decodeConfig(before)
    this.#texts.set(path, { before, text, what: new Set() })
    return text
  }

  #write(path: string, text: string, what: string): void {
    const known = this.#texts.get(path) ?? { before: undefined, text: '', what: new Set<string>() }
    if (known.before === undefined || text !== known.text) known.what.add(what)
    known.text = text
    this.#texts.set(path, known)
  }

  #ours(path: string, after: string, mode: number, what: string): void {
    const before = existsSync(path) ? readFileSync(path) : undefined
    if (before === undefined || !sameBytes(before, after))
      this.#own.push({ path, before, after, mode, what, own: true })
  }
}

const STATE_NOTES: Readonly<Record<EntryState, string>> = {
  stdio: '',
  wrapped: 'Already goes through the gateway.',
  remote: 'A server reached by URL is not wrapped: list it under `servers` in sallyport.yaml and remove it here.',
  unreadable: 'The entry has no command that could be wrapped.',
}

function serverPaths(text: ConfigText, pattern: ConfigPath, prefix: ConfigPath = []): readonly ConfigPath[] {
  const [head, ...rest] = pattern
  const value = text.get(prefix)
  if (head === undefined) return isJsonObject(value) ? Object.keys(value).map((key) => [...prefix, key]) : []
  if (head !== '*') return serverPaths(text, rest, [...prefix, head])
  return isJsonObject(value) ? Object.keys(value).flatMap((key) => serverPaths(text, rest, [...prefix, key])) : []
}

/** The edit is read back: every other value of the file is what it was. */
function assertOnlyChanged(before: ConfigText, after: ConfigText, path: ConfigPath, members: object): void {
  const expected = withMembers(before.get([]), path, members)
  if (fingerprint(after.get([])) !== fingerprint(expected)) throw new Error('The edit changed something else too.')
}

function withMembers(data: unknown, [key, ...rest]: ConfigPath, members: object): unknown {
  if (key === undefined) return { ...(data as object), ...members }
  if (Array.isArray(data)) return data.map((item, index) => (index === key ? withMembers(item, rest, members) : item))
  return { ...(data as object), [key]: withMembers(Reflect.get(data as object, key), rest, members) }
}

const fingerprint = (data: unknown): string =>
  JSON.stringify(data, (_key, value: unknown) =>
    isJsonObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  )

const sameBytes = (bytes: Uint8Array, text: string): boolean => Buffer.from(text, 'utf8').equals(bytes)
