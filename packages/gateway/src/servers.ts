import {
  launchDigest,
  SallyportError,
  type JsonObject,
  type LaunchSpec,
  type SandboxProfile,
  type ToolDefinition,
} from '@sallyport/core'
import { pass, refuse, type Caller, type Verdict } from './boundary/ports.ts'
import { loadSandboxProfile } from './config/sandbox-profile.ts'
import type { Config } from './config/schema.ts'
import type { Catalogue, Observation } from './control/catalogue/catalogue.ts'
import { launchOf, type ServerSpec } from './execution/upstream/spec.ts'
import type { Upstreams } from './execution/upstream/upstreams.ts'
import type { SdkTool, SdkToolState, ToolsPort } from './ingress/api/ports.ts'
import type { LaunchRequest, Listing, McpCatalogue, McpServerEntry } from './ingress/mcp/ports.ts'

/** Silence after which a request to a wrapped server is given up, ms. */
const WRAPPED_TIMEOUT = 60_000
/** Variables that make a program run code of somebody else’s. */
const STEERING =
  /^(PATH|HOME|ENV|BASH_ENV|SHELL|IFS|NODE_.*|npm_config_.*|LD_.*|DYLD_.*|GIT_.*|.*_PROXY|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|PYTHON.*|PERL5.*|RUBY.*|PIP_.*|UV_.*|DOTNET_.*)$/i

export interface ServersDeps {
  readonly catalogue: Catalogue
  readonly upstreams: Pick<Upstreams, 'add' | 'definitions'>
  readonly config: Config['servers']
  /** Servers that have something for strangers. */
  readonly visitors: ReadonlySet<string>
  /** Where relative paths of the configuration begin. */
  readonly baseDir: string
  /** What wrapped servers run confined with; undefined: with the rights of this account. */
  readonly wrapped: Config['sandbox']['wrapped']
  /** False: servers run with the rights of this account, whatever their `sandbox` says. */
  readonly confines: boolean
  /** Told what an operator should know: a configured server that cannot be used, a tool that drifted. */
  readonly notice: (line: string) => void
}

/**
 * The servers behind the gateway: those of the configuration, those that agents' own MCP configurations ask for through
 * `mcp wrap`, and the tools of SDK programs. Joins the catalogue (what was reviewed) with the upstreams (what is reached).
 */
export class Servers implements McpCatalogue, ToolsPort {
  readonly #deps: ServersDeps
  readonly #wrapped: SandboxProfile | undefined
  readonly #specs = new Map<string, ServerSpec>()
  /** Wrapped server → the agent whose variables it runs with. */
  readonly #owners = new Map<string, string>()
  readonly #listed = new Map<string, Promise<void>>()

  /** @throws SallyportError SP_SANDBOX_PROFILE when wrapped servers have none that can be used */
  constructor(deps: ServersDeps) {
    this.#deps = deps
    const { wrapped, confines, baseDir } = deps
    if (wrapped !== undefined && confines) this.#wrapped = loadSandboxProfile(wrapped as string | JsonObject, baseDir)
  }

  /** Makes the servers of the configuration usable. One that differs from its reviewed launch is left out and said so. */
  async openConfigured(): Promise<void> {
    const enabled = Object.entries(this.#deps.config).filter(([, server]) => server.enabled)
    await Promise.all(
      enabled.map(async ([alias, server]) => {
        const spec = specOf(alias, server, this.#deps)
        const added = await this.#deps.catalogue.addServer(alias, launchOf(spec))
        if (added.ok) this.#use(spec)
        else this.#deps.notice(`server ${alias} is not used: ${added.reason}`)
      }),
    )
  }

  servers(): McpServerEntry[]
  servers(caller: Caller): readonly string[]
  servers(caller?: Caller): McpServerEntry[] | readonly string[] {
    const aliases = [...this.#specs.keys()]
    if (caller === undefined) return aliases.map((alias) => this.#entry(alias))
    return [...aliases.filter((alias) => alias in this.#deps.config), sdkAlias(caller)]
  }

  /** False for a server that runs with what another agent gave it. */
  mayUse(caller: Caller, alias: string): boolean {
    return (this.#owners.get(alias) ?? caller.principal.id) === caller.principal.id
  }

  async launch(caller: Caller, request: LaunchRequest): Promise<Verdict<McpServerEntry>> {
    const { alias, command, cwd, env } = request
    const configured = this.#specs.get(alias)
    if (alias in this.#deps.config && configured?.transport === 'stdio') {
      const same = JSON.stringify(configured.command) === JSON.stringify(command)
      return same
        ? pass(this.#entry(alias))
        : refuse('SP_MCP_TOOL_DRIFT', `${alias} is configured with another command.`)
    }
    const { catalogue } = this.#deps
    const known = catalogue.launch(alias)
    if (known === undefined) {
      return refuse(
        'SP_MCP_UNKNOWN_SERVER',
        `${alias} is not registered; an operator does that with \`sallyport mcp add\`.`,
      )
    }
    const where = catalogue.directory(alias) ?? cwd
    const spec: ServerSpec = {
      ...{ alias, transport: 'stdio', command, cwd: where, env, timeoutMs: WRAPPED_TIMEOUT },
      ...(this.#wrapped === undefined ? {} : { sandbox: this.#wrapped }),
    }
    if (launchDigest(known) !== launchDigest(launchOf(spec))) {
      return refuse('SP_MCP_TOOL_DRIFT', `${alias} is registered with another command or other variables.`)
    }
    if (!this.mayUse(caller, alias)) {
      return refuse('SP_MCP_TOOL_DRIFT', `${alias} is wrapped by another agent; wrap it under another name.`)
    }
    this.#owners.set(alias, caller.principal.id)
    this.#use(spec)
    return pass(this.#entry(alias))
  }

  /**
   * Registers the command of a wrapped server: the operator's act, because the gateway will start it (T-086). An agent that is
   * confined away from the operator's socket can ask for registered commands only.
   */
  async registerCommand(
    alias: string,
    launch: LaunchSpec & { readonly transport: 'stdio' },
    cwd: string,
  ): Promise<Verdict<null>> {
    if (alias in this.#deps.config) return refuse('SP_MCP_TOOL_DRIFT', `${alias} is a server of the configuration.`)
    const steering = launch.env.filter((name) => STEERING.test(name))
    if (steering.length > 0)
      return refuse('SP_CONFIG_INSECURE', `${steering.join(', ')} would run other code in the server.`)
    return this.#deps.catalogue.addServer(alias, launch, cwd)
  }

  async observe(server: string, listing: Listing): Promise<void> {
    this.#said(server, await this.#deps.catalogue.observe(server, listing.tools))
  }

  /** Configured servers are listed once by the gateway itself, for callers that come without an MCP client. */
  async ready(_caller: Caller, alias: string): Promise<void> {
    if (!(alias in this.#deps.config) || !this.#specs.has(alias)) return
    const listing = this.#listed.get(alias) ?? this.#list(alias)
    this.#listed.set(alias, listing)
    await listing
  }

  async #list(alias: string): Promise<void> {
    try {
      this.#said(alias, await this.#deps.catalogue.observe(alias, await this.#deps.upstreams.definitions(alias)))
    } catch (thrown) {
      this.#listed.delete(alias)
      this.#deps.notice(`server ${alias} does not answer: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    }
  }

  async register(caller: Caller, alias: string, tools: readonly SdkTool[]): Promise<Verdict<readonly SdkToolState[]>> {
    if (alias !== sdkAlias(caller)) return refuse('SP_AUTHZ_SCOPE', 'An agent registers tools under its own name only.')
    const { catalogue } = this.#deps
    const launch: LaunchSpec = { transport: 'sdk', name: caller.principal.id }
    const added = await catalogue.addServer(alias, launch)
    if (!added.ok) return added
    this.#said(alias, await catalogue.observe(alias, tools.map(claimedDefinition)))
    return pass(tools.map(({ definition: { name } }) => ({ name, state: this.#state(alias, name) })))
  }

  #state(alias: string, name: string): SdkToolState['state'] {
    const state = this.#deps.catalogue.entries(alias).find(({ tool }) => tool.name === name)?.state
    return state === 'pinned' ? 'pinned' : state === 'drifted' ? 'drift' : 'unreviewed'
  }

  #use(spec: ServerSpec): void {
    if (JSON.stringify(this.#specs.get(spec.alias)) === JSON.stringify(spec)) return
    this.#specs.set(spec.alias, spec)
    this.#deps.upstreams.add(spec)
  }

  #entry(alias: string): McpServerEntry {
    const configured = this.#deps.config[alias]
    const { metaKeys = [], serverRequests = [] } = configured ?? {}
    const owner = this.#owners.get(alias)
    return {
      alias,
      aggregated: configured !== undefined,
      metaKeys,
      serverRequests,
      ...(owner === undefined ? {} : { owner }),
      ...(this.#deps.visitors.has(alias) ? { visitors: true } : {}),
    }
  }

  #said(server: string, { drifted, refused }: Observation): void {
    for (const tool of drifted)
      this.#deps.notice(`${tool} differs from its pin and is blocked; see \`sallyport mcp diff ${server}\`.`)
    for (const tool of refused) this.#deps.notice(`${tool} cannot be used; see \`sallyport mcp inspect ${server}\`.`)
  }
}

const sdkAlias = (caller: Caller): string => `sdk-${caller.principal.id}`.slice(0, 32)

/** What an SDK program says of its tool is part of what is pinned: a changed claim is drift. */
function claimedDefinition({ definition, claims }: SdkTool): ToolDefinition {
  const annotations: JsonObject = { ...definition.annotations, 'dev.sallyport/claims': claims as unknown as JsonObject }
  return { ...definition, annotations }
}

function specOf(
  alias: string,
  server: Config['servers'][string],
  { baseDir, confines }: { readonly baseDir: string; readonly confines: boolean },
): ServerSpec {
  const { command, commands, requests, cwd, env, sandbox, url, transport, headers, timeout } = server
  const place = cwd === undefined ? {} : { cwd }
  if (commands !== undefined) {
    const profile = loadSandboxProfile((sandbox ?? 'tool') as string | JsonObject, baseDir, 'tool')
    return { alias, transport: 'commands', commands, env, timeoutMs: timeout, sandbox: profile, ...place }
  }
  if (requests !== undefined) return { alias, transport: 'requests', requests, timeoutMs: timeout }
  if (command !== undefined) {
    // nothing that the gateway starts runs bare because somebody forgot to say so
    const given = sandbox ?? { workspace: cwd === undefined ? 'none' : 'ro' }
    const profile = !confines ? undefined : loadSandboxProfile(given as string | JsonObject, baseDir)
    if (profile?.workspace === 'copy') {
      throw new SallyportError(
        'SP_SANDBOX_PROFILE',
        `${alias}: a server never ends, so nothing of a copy would land; \`workspace: copy\` is for commands.`,
      )
    }
    const confined = profile === undefined ? {} : { sandbox: profile }
    return { alias, transport: 'stdio', command, env, timeoutMs: timeout, ...place, ...confined }
  }
  return { alias, transport, url: url ?? '', headers, timeoutMs: timeout }
}
