import { rmSync, writeFileSync } from 'node:fs'
import type { LogRecord } from '@sallyport/core'
import { createBoundary } from './boundary/boundary.ts'
import { createActing } from './acting.ts'
import { createAgentDoor } from './agent-door.ts'
import { createBudgets, type Budgets } from './control/budgets/budgets.ts'
import { createAlerting } from './alerting.ts'
import { createApprovalChannels } from './approval-channels.ts'
import { composeCodeGate } from './code-gate.ts'
import type { CrossingPorts } from './boundary/crossing-ports.ts'
import type { Boundary, Clock, Random } from './boundary/ports.ts'
import { systemClock } from './clock.ts'
import { readAuthorities } from './config/credentials.ts'
import { egressExceptions } from './config/egress-exceptions.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import { layout } from './config/paths.ts'
import { ratesOf } from './config/rate-limit-schema.ts'
import { logWeakenings } from './config/weakenings.ts'
import { readSheets, type CatalogueSheet } from './control/catalogue/annotations.ts'
import { Catalogue } from './control/catalogue/catalogue.ts'
import { commandReader } from './control/content/command/reader.ts'
import { configuredSecrets } from './control/content/configured-secrets.ts'
import { localDisk } from './control/content/resolve-path.ts'
import { lazyDetector } from './control/content/detectors.ts'
import { createContentGate } from './control/content/gate.ts'
import { CONTENT_LIMITS } from './control/content/shape.ts'
import { createInspector } from './control/content/inspector.ts'
import { createNewHosts } from './control/egress/new-host.ts'
import { InstanceFlow } from './control/flow/flow.ts'
import { InstanceLabels } from './control/flow/labels.ts'
import { WrittenTaint } from './control/flow/written.ts'
import { openPackFiles } from './control/content/rules/pack-files.ts'
import { packKeys } from './control/content/rules/pack-keys.ts'
import { packRecord, RulePacks } from './control/content/rules/rule-packs.ts'
import { watchPacks } from './control/content/rules/watch-packs.ts'
import { abortOnKill } from './control/identity/abort-on-kill.ts'
import { createCredentialFiles } from './control/identity/credential-files.ts'
import { DEFAULT_IDENTITY_CONFIG } from './control/identity/config.ts'
import { createIdentity, type Identity } from './control/identity/identity.ts'
import { breakLoops, Loops } from './control/identity/loops.ts'
import { createPreparer } from './control/policy/preparer.ts'
import { createPolicyService } from './control/policy/service.ts'
import type { Presence } from './control/presence/presence.ts'
import { createSurfaces } from './control/surfaces/surfaces.ts'
import { labelVisitors } from './control/surfaces/visitors.ts'
import { createEvidence } from './evidence/log/evidence.ts'
import { createOperationalLog, type OperationalSink } from './evidence/log/operational.ts'
import { systemResolve, type Resolve } from './execution/egress/dial.ts'
import { createOutgoing } from './execution/egress/outgoing.ts'
import { guardedSocket } from './execution/egress/guarded.ts'
import { trustedWith } from './execution/egress/secured.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import { createMetering, measureGateway } from './metering.ts'
import { createObserving } from './observing.ts'
import { Calls } from './ingress/api/calls.ts'
import { letInStrangers } from './ingress/api/strangers.ts'
import { createApi } from './ingress/api/server.ts'
import { createHooks } from './ingress/hooks/hooks.ts'
import { watchTraffic } from './ingress/hooks/traffic.ts'
import { createMcpIngress } from './ingress/mcp/ingress.ts'
import { createNotificationInspector } from './ingress/mcp/inspect-notification.ts'
import { createPeople, type PeopleRoom } from './people.ts'
import { POLICIES, RULES } from './places.ts'
import { systemRandom } from './random.ts'
import { createProofs, type Proofs } from './proofs.ts'
import { createRoutes } from './routes.ts'
import { createCredentials, type Credentials } from './credentials.ts'
import { createEgress, type Egress } from './egress.ts'
import { createSkills, type Skills } from './skills.ts'
import { createDrafts } from './policy-drafts.ts'
import type { ProvingStore } from './store/create-store.ts'
import type { Store } from './store/ports.ts'
import { createSurface } from './surface.ts'
import { VERSION } from './version.ts'

export { loadConfig, parseConfig, type LoadedConfig } from './config/load.ts'
export type { Boundary, Caller, CrossingResult, IncomingCall } from './boundary/ports.ts'

export interface GatewayDeps {
  /** Directory of the gateway's own files; made when it is not there. */
  readonly stateDir: string
  readonly clock?: Clock
  readonly random?: Random
  /** Keys and store that are being opened already, with the same configuration; default: they are opened here. */
  readonly foundation?: Foundation
  /** How names of hosts are resolved; default: as this machine does. */
  readonly resolve?: Resolve
  /** Told what an operator should know, one line each. */
  readonly talk?: (line: string) => void
  /** Where the operational log goes (JSON lines); default standard error. */
  readonly operationalSink?: OperationalSink
}

export interface Gateway {
  /** Opens the sockets. Nothing is reachable before. */
  listen(): Promise<void>
  /** Stops taking calls, waits for what is running, writes a last checkpoint. */
  close(): Promise<void>
  /** URL of the TCP listener, when one is configured. */
  readonly url: string | undefined
  /** URL of the console, when one is configured. */
  readonly consoleUrl: string | undefined
  readonly notices: readonly string[]
  readonly boundary: Boundary
  readonly identity: Identity
  readonly presence: Presence
  readonly people: Pick<PeopleRoom, 'people' | 'logins'>
  /** Says under which origin and name browsers reach the console: what passkeys are bound to. */
  readonly listensAt: Proofs['listensAt']
  readonly governedBy: Proofs['governedBy']
  readonly catalogue: Catalogue
  readonly store: Store
  readonly credentials: Credentials
  readonly egress: Pick<Egress, 'lenderOf'>
  readonly budgets: Budgets
  /** Loads admitted skills, each time hashed anew. */
  readonly skills: Skills['gate']
  /** What the boundary is made of, for programs that embed the gateway and for tests. */
  readonly ports: CrossingPorts
}

const SWEEP = 5_000

/**
 * The composition root: everything a gateway is made of is put together here and nowhere else.
 * @throws SallyportError when any part cannot be had; what was opened is closed again, and nothing listens.
 */
export async function createGateway(loaded: LoadedConfig, deps: GatewayDeps): Promise<Gateway> {
  const opened: (() => Promise<void>)[] = []
  try {
    return await compose(loaded, deps, opened)
  } catch (thrown) {
    for (const close of opened.reverse()) await close().catch(() => undefined)
    throw thrown
  }
}

async function compose(loaded: LoadedConfig, deps: GatewayDeps, opened: (() => Promise<void>)[]): Promise<Gateway> {
  const { config } = loaded
  const { clock = systemClock, random = systemRandom, stateDir, talk = () => undefined } = deps
  const { resolve = systemResolve } = deps
  const files = layout(stateDir)
  const notices: string[] = []
  const notice = (line: string): void => {
    notices.push(line)
    talk(`sallyport: ${line}`)
  }

  // Custody and store
  const foundation = deps.foundation ?? openFoundation(loaded, { stateDir, clock, random })
  opened.push(() => foundation.close())
  const { keys, thread } = foundation
  const base = await foundation.store
  const store: ProvingStore = {
    ...base,
    // whoever reads the log sees everything that has been said before
    readLog: async (query) => {
      await evidence.settled()
      return base.readLog(query)
    },
    search: {
      ...base.search,
      page: async (query) => {
        await evidence.settled()
        return base.search.page(query)
      },
    },
  }

  // Evidence
  const { operationalSink: sink } = deps
  const operational = createOperationalLog({ clock, ...(sink === undefined ? {} : { sink }) })
  const metering = createMetering((text) => {
    const redacted = inspector.redact(text, [])
    return typeof redacted === 'string' ? redacted : ''
  })
  const exceptions = egressExceptions(config.egress.exceptions, clock.now())
  for (const host of exceptions.over) notice(`high: the exception for ${host} under egress.exceptions is over.`)
  const authorities = readAuthorities(config.egress.authorities.map((path) => configPath(loaded, path)))
  // one that is none is said now, and not when the first bundle comes; most gateways have none, and load nothing for it
  if (config.registries.sigstore.trustedRoot !== undefined) (await import('./registries.ts')).trustOf(loaded)
  const alerting = await createAlerting({
    ...{ config: config.alerts, store, clock, random, operational },
    // told from the moment it is started
    publish: (event) => surface.live.hub.publish(event),
    ...{ evidence: () => evidence, exceptions: exceptions.inForce, authorities, resolve },
  })
  const observing = createObserving(clock)
  const evidence = createEvidence({
    store,
    clock,
    onWriteFailure: config.audit.onWriteFailure,
    alert: ({ name, severity, message }) => {
      notice(`${severity}: ${name}: ${message}`)
      alerting.said(name, severity, message)
    },
    operational,
    onRecord: (record) => {
      metering.onRecord(record)
      observing.onRecord(record)
    },
    tap: alerting.tap,
  })
  opened.push(() => evidence.close())
  opened.push(() => alerting.close())
  const record = (kind: LogRecord['kind'], level: LogRecord['level'], body: object): LogRecord =>
    ({ kind, auditId: random.uuid(), timestamp: new Date(clock.now()).toISOString(), level, ...body }) as LogRecord
  const alert = (name: string, severity: string, message: string): void => {
    notice(`${severity}: ${message}`)
    evidence.enqueue([record('alert', 'warn', { name, severity, message })])
  }
  store.onTampered(({ kind, id }) =>
    alert('store-tampered', 'critical', `The row ${kind} ${id} was not written by this gateway.`),
  )
  store.onTrouble((what) => alert('store-trouble', 'high', what))

  const mayTalk = (person: string): boolean => identity.limits.take('messages', person).ok
  const surface = createSurface({
    ...{ loaded, files, store, evidence, clock, random, alert, notice, mayTalk, mac: keys.mac },
  })
  opened.push(async () => surface.close())
  observing.publishTo(surface.live.hub.publish)

  // Control
  const identity = await createIdentity({
    store,
    evidence,
    clock,
    random,
    secret: keys.credential,
    config: {
      ...DEFAULT_IDENTITY_CONFIG,
      session: {
        idleTimeout: config.session.idleTimeout / 1000,
        absoluteTimeout: config.session.absoluteTimeout / 1000,
      },
      rateLimit: { ...config.gateway.rateLimit, rates: ratesOf(config.gateway.rateLimit) },
    },
  })
  opened.push(() => identity.close())
  const proofs = createProofs({ loaded, store, evidence, clock, random, keys })
  const { presence, passkeys } = proofs
  const protectedPaths = [stateDir, ...(loaded.file === undefined ? [] : [loaded.file])]
  const policy = createPolicyService({
    sources: config.policies,
    baseDir: loaded.baseDir,
    presetsDir: POLICIES,
    preparer: createPreparer({
      cacheDir: files.cache,
      macKey: keys.mac,
      thread,
      monotonic: () => clock.monotonic(),
      onTampered: (file) => alert('policy-cache-tampered', 'high', `${file} was not written by this gateway.`),
    }),
    store,
    evidence,
    clock,
    random,
    protectedPaths,
    retentionMs: config.policy.retention,
    fourEyes: config.policy.fourEyes,
    alert: ({ severity, title, detail }) => alert(title, severity, detail),
  })
  opened.push(() => policy.close())
  const review = config.policies.includes('preset:locked-down')
  const commands = commandReader(
    () => clock.monotonic(),
    (error) => operational.write('warn', 'command lines cannot be read, so they ask', { error: String(error) }),
  )
  let sheets: readonly CatalogueSheet[] | undefined
  const catalogue = await Catalogue.open({
    store,
    commands,
    disk: localDisk(),
    evidence,
    clock,
    random,
    sheets: () => (sheets ??= readSheets(`${RULES}catalogue`)),
    notes: config.servers,
    elevated: config.tools.elevated,
    pinning: config.tools.pinning ?? (review ? 'review' : 'first-use'),
    changed: (tools) => policy.setTools(tools),
  })
  const packs = new RulePacks({
    files: openPackFiles(files.rules),
    keys: packKeys(config.rules.keys),
    changed: (change) => {
      const { error } = change
      evidence.enqueue([record('gateway', error === undefined ? 'info' : 'warn', packRecord(change))])
      if (change.outcome === 'installed' && change.source !== 'start') skills.rulesChanged()
      if (error !== undefined) alert('rules-refused', 'high', error.message)
    },
  })
  opened.push(watchPacks(files.rules, () => void packs.reload('file')))
  const detector = lazyDetector(() => packs.current.flatMap(({ rules }) => rules))
  const known = configuredSecrets(config.servers, keys.redact)
  const inspector = createInspector({
    redactKey: keys.redact,
    known,
    tagged: config.redaction.tagged,
    detector,
    results: config.content.results,
    suppressions: config.suppressions,
    now: () => clock.now(),
    nonce: () => Buffer.from(random.bytes(12)).toString('hex'),
  })
  const skills = await createSkills({
    specOf: (alias) => upstreams.specs().find((spec) => spec.alias === alias),
    ...{ loaded, files, keys, store, evidence, clock, random, record, notice },
    redact: (text) => {
      const redacted = inspector.redact(text, [])
      return typeof redacted === 'string' ? redacted : ''
    },
  })
  opened.push(() => skills.close())
  const outgoing = createOutgoing({ exceptions: exceptions.inForce, authorities, resolve })
  const people = await createPeople({
    ...{ config, store, evidence, clock, random, keys, record, presence, passkeys, opened },
    exchange: outgoing.exchange.bind(outgoing),
    origin: () => surface.site?.origin,
  })
  proofs.governedBy(people.scopesOf)
  const over = new AbortController()
  opened.push(async () => over.abort())
  const credentials = createCredentials({
    ...{ loaded, files, store, evidence, clock, random, keys, record, alert },
    waysOut: {
      exchange: outgoing.exchange.bind(outgoing),
      open: guardedSocket({ exceptions: exceptions.inForce, resolve }),
      trusted: () => trustedWith(authorities),
      until: over.signal,
    },
  })
  const budgets = createBudgets({ config: config.budgets, store, evidence, clock, random, alert })
  opened.push(() => budgets.tick())
  const egress = await createEgress({
    ...{ loaded, store, clock, random, authorities, known, alert, resolve, exceptions: exceptions.inForce },
    ...{ broker: credentials.broker, budgets: budgets.models },
    reloaded: (file, error) =>
      evidence.enqueue([
        record('gateway', error === undefined ? 'info' : 'warn', { event: 'egress-rules', file, error: error ?? null }),
      ]),
  })
  opened.push(() => egress.close())
  const { approvals, inbox, slack } = createApprovalChannels({
    consoleUrl: () => surface.site?.origin,
    ...{ config: config.approvals, store, evidence, clock, random, presence, outgoing, opened },
    mac: keys.mac,
    redact: (args) => inspector.redact(args, []),
    storyOf: (instance) => flow.show(instance),
    known: config.flow.known,
  })

  // Execution
  const { upstreams, servers, capability, executor, ways } = await createActing({
    ...{ loaded, stateDir, files, store, clock, random, evidence, identity, egress, inspector, credentials },
    ...{ catalogue, approvals, mayStart: skills.guard.mayStart.bind(skills.guard) },
    ...{ commands, detector, known, outgoing, resolve, operational, record, alert, notice, opened },
  })
  await servers.openConfigured()
  // only now, so that policies are checked once, against all tools there are
  await policy.load()
  await policy.watch()

  // Boundary
  const flow = new InstanceFlow({
    labels: await InstanceLabels.open(store),
    written: await WrittenTaint.open(store),
    known: config.flow.known,
    now: () => clock.now(),
  })
  await labelVisitors(identity.agents, flow)
  egress.labelWith(flow)
  egress.askWith(
    createNewHosts({
      ...{ approvals, random, gateway: keys.gatewayId, waitMs: config.approvals.wait },
      labelOf: (instance) => flow.snapshot(instance),
      knownTo: (holder) => egress.book.hostsOf(holder),
    }),
  )
  const codeGate = composeCodeGate(loaded, clock, (error) =>
    operational.write('warn', 'code was not scanned, so it asks', { error: String(error) }),
  )
  opened.push(async () => codeGate.close())
  const ports: CrossingPorts = {
    gateway: keys.gatewayId,
    clock,
    random,
    admission: identity,
    registry: catalogue.registry,
    surfaces: createSurfaces({ tools: config.surfaces.tools, clock }),
    content: createContentGate({
      limits: { ...CONTENT_LIMITS, argumentBytes: config.gateway.limits.argumentBytes },
      detector,
      known,
      table: config.content.gate,
      suppressions: config.suppressions,
      bypasses: config.content.bypass.map(({ expires, ...bypass }) => ({ ...bypass, until: Date.parse(expires) })),
      now: () => clock.now(),
    }),
    code: codeGate.code,
    skills: skills.guard,
    flow,
    policy,
    approvals,
    evidence,
    capability,
    executor,
    once: store,
    inspector,
    budgets: budgets.calls,
    limits: config.gateway.limits,
  }
  const loops = new Loops(clock, config.gateway.rateLimit.loops)
  const unlooped = breakLoops(createBoundary(ports), loops, (agent, tool) =>
    alert('call-loop', 'medium', `${agent} repeats the same calls without end, the last of them ${tool}.`),
  )
  const boundary = abortOnKill(unlooped, identity)

  // Ingress
  const watched = watchTraffic(boundary, clock)
  const mcp = createMcpIngress({
    boundary: watched.boundary,
    upstreams,
    catalogue: servers,
    clock,
    random,
    allowedHosts: config.gateway.allowedHosts,
    allowedOrigins: config.gateway.allowedOrigins,
    approvalWaitMs: config.approvals.wait,
    maxMessageLength: config.gateway.limits.messageBytes,
    version: VERSION,
    inspectNotification: createNotificationInspector(ports),
    clientAsserted: ({ principal: { instance } }, approvalId, accepted) =>
      void approvals.clientAsserted(approvalId, accepted, { instance }).catch(() => undefined),
    log: (message, fields) => operational.write('info', message, fields),
  })
  opened.push(() => mcp.close())
  const hooks = createHooks({
    boundary,
    catalogue,
    evidence,
    flow: ports.flow,
    clock,
    random,
    traffic: watched.traffic,
  })
  watched.onCall((caller, call, phase) => hooks.observeMcpCall(caller, call, phase))
  const calls = new Calls({ boundary, identity, clock, random })
  opened.push(async () => calls.close())
  const health = await measureGateway(metering, {
    ...{ config, clock, store, evidence, identity, approvals, upstreams, outgoing, notice, alert, opened },
    ...{ loaded, files, keys, presence, policy, catalogue, credentials, runs: ways.runs },
    reviewedAt: () => alerting.review.last.at,
    sinks: () => alerting.service.sinks(),
    budgets: () => budgets.list(),
    strangers: () => letInStrangers(api.matrix, identity, surface.site),
    forwardedSeen: surface.forwardedSeen,
  })
  const drafts = createDrafts({ config, policy, catalogue, store, clock, thread, protectedPaths, opened })
  const routes = createRoutes({
    observing: observing.routes({ store, approvals, identity }),
    metrics: metering.metrics,
    health,
    ...{ drafts, detector, forwardedSeen: surface.forwardedSeen },
    calls,
    flow,
    ...{ inbox, slack },
    ports,
    boundary,
    identity,
    presence,
    people,
    approvals,
    policy,
    catalogue,
    servers,
    upstreams,
    store,
    credentials,
    ...{ budgets, egress },
    ...{ door: ways.door, runs: ways.runs },
    hooks,
    alerting,
    packs,
    skills,
    config,
    files,
    notices,
  })
  const api = createApi({
    sessions: people.logins,
    scopesOf: people.scopesOf,
    ...(surface.consoleFiles === undefined ? {} : { files: surface.consoleFiles }),
    notice: (line) => operational.write('info', line),
    live: surface.live,
    routes,
    identity,
    boundary,
    random,
    mcp,
    hooks,
    hosts: config.gateway.allowedHosts,
  })
  opened.push(() => api.close())
  const agentDoor = createAgentDoor({ loaded, files, clock, alert })
  opened.push(async () => agentDoor.close())
  const credentialFiles = createCredentialFiles({ identity, directory: files.agents, random })
  opened.push(() => credentialFiles.stop())
  const sweeper = setInterval(() => {
    ways.runs.sweep()
    credentials.sweep()
    people.sweep()
    alerting.sweep()
    void budgets.tick().catch(() => undefined)
    void identity.tick().catch(() => undefined)
  }, SWEEP)
  sweeper.unref()

  await alerting.start()
  skills.start()
  if (!presence.claimed())
    notice('no operator yet: what needs approval is denied; a human runs `sallyport init --claim`.')
  logWeakenings(config, notice, (line) => operational.write('info', line))
  if (config.sandbox.mode !== 'off' && config.sandbox.wrapped === undefined)
    notice(
      'servers wrapped with `mcp wrap` run with the rights of this account; those of the configuration run confined.',
    )
  await evidence.append([record('gateway', 'info', { event: 'started', gatewayVersion: VERSION, ...policy.current() })])

  let url: string | undefined
  const gateway: Gateway = {
    async listen() {
      await credentialFiles.start()
      const tcp = await agentDoor.address()
      const { agentSocket, operatorSocket } = files
      const listening = await api.listen({ agentSocket, operatorSocket, ...(tcp === undefined ? {} : { tcp }) })
      url = listening?.url
      if (listening !== undefined) agentDoor.serves(listening)
      await surface.listen(api)
      if (surface.site !== undefined) proofs.listensAt(surface.site)
      health.start()
      const consoleUrl = surface.site?.origin
      if (config.egress.listen !== undefined) await ways.door.listen(config.egress.listen)
      const info = {
        pid: process.pid,
        version: VERSION,
        startedAt: new Date(clock.now()).toISOString(),
        agentSocket: files.agentSocket,
        operatorSocket: files.operatorSocket,
        ...(url === undefined ? {} : { url }),
        ...(consoleUrl === undefined ? {} : { consoleUrl }),
      }
      writeFileSync(files.info, JSON.stringify(info), { mode: 0o600 })
    },
    async close() {
      clearInterval(sweeper)
      await Promise.all([api.close(), mcp.close()])
      evidence.enqueue([record('gateway', 'info', { event: 'stopped' })])
      // the others end all the same: what cannot be written now is the smaller loss
      const ended = (thrown: unknown): void => notice(`high: not everything was written at the end: ${String(thrown)}`)
      for (const close of opened.splice(0).reverse()) await close().catch(ended)
      rmSync(files.info, { force: true })
    },
    get url() {
      return url
    },
    get consoleUrl() {
      return surface.site?.origin
    },
    notices,
    boundary,
    identity,
    presence,
    people,
    listensAt: (site) => proofs.listensAt(site),
    governedBy: (scopesOf) => proofs.governedBy(scopesOf),
    catalogue,
    store,
    ...{ budgets, egress },
    credentials,
    skills: skills.gate,
    ports,
  }
  return gateway
}
