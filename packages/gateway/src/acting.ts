import type { JsonObject, LogRecord } from '@sallyport/core'
import { serversForStrangers } from '@sallyport/core/surface'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import { environment } from './config/environment.ts'
import type { LoadedConfig } from './config/load.ts'
import type { Layout } from './config/paths.ts'
import type { ApprovalService } from './control/approvals/approvals.ts'
import type { Catalogue } from './control/catalogue/catalogue.ts'
import type { commandReader } from './control/content/command/reader.ts'
import type { configuredSecrets } from './control/content/configured-secrets.ts'
import type { lazyDetector } from './control/content/detectors.ts'
import { PageThread } from './control/content/extract/page-thread.ts'
import type { createInspector } from './control/content/inspector.ts'
import { createLandingGate } from './control/content/landing-gate.ts'
import type { Identity } from './control/identity/identity.ts'
import type { Credentials } from './credentials.ts'
import type { Egress } from './egress.ts'
import type { createOperationalLog } from './evidence/log/operational.ts'
import { createCapability } from './execution/capability.ts'
import { createCopyMaker } from './execution/copy/copy-maker.ts'
import { sweepCopies } from './execution/copy/workspace-copy.ts'
import type { Resolve } from './execution/egress/dial.ts'
import type { OutgoingHttp } from './execution/egress/outgoing.ts'
import { createExecutor } from './execution/executor.ts'
import { createConfine } from './execution/sandbox/confine.ts'
import { SANDBOX_MODES } from './execution/sandbox/start.ts'
import { watchViolations } from './execution/sandbox/violations.ts'
import { createUpstreamHandler } from './execution/upstream/handler.ts'
import { createUpstreams, type Upstreams, type UpstreamsDeps } from './execution/upstream/upstreams.ts'
import { Servers } from './servers.ts'
import type { Store } from './store/ports.ts'
import { VERSION } from './version.ts'
import { createWaysOut, type WaysOut } from './ways-out.ts'

export interface ActingDeps {
  readonly loaded: LoadedConfig
  readonly stateDir: string
  readonly files: Layout
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly evidence: EvidencePort
  readonly identity: Identity
  readonly egress: Egress
  readonly inspector: ReturnType<typeof createInspector>
  readonly credentials: Credentials
  /** What speaks against starting a server. */
  readonly mayStart: NonNullable<UpstreamsDeps['mayStart']>
  readonly catalogue: Catalogue
  readonly approvals: ApprovalService
  readonly commands: ReturnType<typeof commandReader>
  readonly detector: ReturnType<typeof lazyDetector>
  readonly known: ReturnType<typeof configuredSecrets>
  readonly outgoing: OutgoingHttp
  readonly resolve: Resolve
  readonly operational: ReturnType<typeof createOperationalLog>
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
  readonly alert: (name: string, severity: string, message: string) => void
  readonly notice: (line: string) => void
  /** What has to be closed again, in the order of opening. */
  readonly opened: (() => Promise<void>)[]
}

/** The execution plane: what starts servers and commands, and what may let a released call reach them. */
export interface Acting {
  readonly upstreams: Upstreams
  readonly servers: Servers
  readonly capability: ReturnType<typeof createCapability>
  readonly executor: ReturnType<typeof createExecutor>
  readonly ways: WaysOut
}

export async function createActing(deps: ActingDeps): Promise<Acting> {
  const { loaded, stateDir, files, store, clock, random, evidence, identity, egress, inspector, credentials } = deps
  const { catalogue, approvals, commands, detector, known, outgoing, resolve, operational, record, alert } = deps
  const { notice, opened } = deps
  const { config } = loaded
  const violations = watchViolations(({ sandbox, call, program }) =>
    alert(
      'sandbox-violation',
      'high',
      `In the sandbox of ${sandbox} ${program || 'a program'} called ${call} and was ended.`,
    ),
  )
  opened.push(async () => violations.close())
  await sweepCopies(stateDir)
  const ways = createWaysOut({ files, identity, egress, inspector, evidence, record, clock, random })
  opened.push(async () => ways.close())
  const pages = new PageThread()
  opened.push(async () => pages.close())
  const upstreams = createUpstreams({
    clock,
    random,
    environment: environment(),
    version: VERSION,
    mayStart: deps.mayStart,
    outgoing,
    confine: createConfine({
      random,
      stateDir,
      searched: environment()['PATH'],
      backends: SANDBOX_MODES[config.sandbox.mode],
      violations,
      attempted: (sandbox, attempt) => ways.attempted({ sandbox, ...attempt }),
      lenderOf: egress.lenderOf,
      lentEnv: credentials.envOf,
      unverified: (alias, { detail, entry }) =>
        alert('sandbox-unverified', 'critical', `The sandbox of ${alias}: ${detail} ${entry.next}`),
    }),
    copies: createCopyMaker({ random, stateDir }),
    web: {
      resolve,
      read: pages.read.bind(pages),
      lenderOf: egress.lenderOf,
      attempted: (tool, attempt) => ways.attempted({ sandbox: `tool ${tool}`, ...attempt }),
      sign: credentials.sign,
      now: () => clock.now(),
      nonce: () => Buffer.from(random.bytes(16)).toString('hex'),
    },
    decideLanding: createLandingGate({
      detector,
      known,
      table: config.content.gate,
      suppressions: config.suppressions,
      now: () => clock.now(),
      record: async (level, body) => evidence.append([record('gateway', level, body)]),
    }),
    bind: (template, argument) => {
      const bound = commands.bind(template, argument)
      return bound.verdict === 'block' ? undefined : bound.argv
    },
    log: (message, fields) => operational.write('info', message, inspector.redact(fields, []) as JsonObject),
  })
  opened.push(() => upstreams.close())
  identity.sessions.onEnd(({ id }) => void upstreams.closeConnection(id))
  const capability = createCapability({ clock, random, store })
  const servers = new Servers({
    catalogue,
    upstreams,
    config: config.servers,
    visitors: serversForStrangers(config.surfaces.tools),
    confines: config.sandbox.mode !== 'off',
    wrapped: config.sandbox.wrapped,
    baseDir: loaded.baseDir,
    notice,
  })
  const upstream = createUpstreamHandler(upstreams, servers.mayUse.bind(servers))
  const executor = createExecutor({ capability, approvals, upstream })
  return { upstreams, servers, capability, executor, ways }
}
