import { join } from 'node:path'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import type { LiveTopic } from './boundary/ports-live.ts'
import { requiresTls } from './config/console-schema.ts'
import type { LoadedConfig } from './config/load.ts'
import type { Layout } from './config/paths.ts'
import { createLiveTickets } from './control/people/live-tickets.ts'
import { TrustedProxies } from './ingress/api/peer.ts'
import type { Api } from './ingress/api/server.ts'
import type { ConsoleListener } from './ingress/console/console-listener.ts'
import { ConsoleFiles } from './ingress/console/files.ts'
import type { ConsoleOrigin } from './ingress/console/origin.ts'
import { Live } from './ingress/live/live.ts'
import { CONSOLE } from './places.ts'
import { servingCertificate } from './serving-certificate.ts'
import type { DocumentKind, Store } from './store/ports.ts'

export interface SurfaceDeps {
  readonly loaded: LoadedConfig
  readonly files: Pick<Layout, 'tls'>
  readonly clock: Clock
  readonly alert: (name: string, severity: string, message: string) => void
  readonly notice: (line: string) => void
  readonly random: Random
  readonly evidence: EvidencePort
  readonly store: Pick<Store, 'watch' | 'spend'>
  /** Makes tickets that every gateway of the store takes. */
  readonly mac: Uint8Array
  /** Takes one WebSocket message from what a person may send (E-25). */
  readonly mayTalk: (principal: string) => boolean
}

/** The console's listener. */
export interface Surface {
  /** Absent where no console is configured. */
  readonly consoleFiles: ConsoleFiles | undefined
  /** Where people reach it, and what passkeys are bound to; undefined before it listens. */
  readonly site: ConsoleOrigin | undefined
  /** Does nothing where no console is configured. @throws SallyportError SP_CONFIG_INSECURE, SP_CONFIG_INVALID */
  listen(api: Api): Promise<void>
  /** The live WebSocket, and how to tell those who watch. */
  readonly live: Live
  /** Whether forwarded headers have come from a proxy that nobody trusts (AC-2.3.2). */
  readonly forwardedSeen: () => boolean
  close(): void
}

const LOOK_EVERY = 60_000

/** Changes of the store, on any node, that people who watch are told of. */
const TOPICS: ReadonlyMap<DocumentKind, LiveTopic> = new Map([
  ['approval', 'approvals'],
  ['grant', 'approvals'],
  ['session', 'sessions'],
  ['agent', 'agents'],
  ['instance', 'agents'],
  ['switch', 'agents'],
  ['session-end', 'agents'],
  ['server', 'tools'],
  ['policy', 'policy'],
  ['staged', 'policy'],
  ['secret', 'credentials'],
  ['use', 'credentials'],
  ['silence', 'alerts'],
  ['health', 'health'],
])

/** Puts the console's listener together: its files, its certificate while that lasts, and who may reach it. */
export function createSurface(deps: SurfaceDeps): Surface {
  const { loaded, files, clock, random, evidence, store, alert, notice } = deps
  const { console: settings, gateway } = loaded.config
  const { tls, name, bind, port } = settings
  const consoleFiles = port === undefined ? undefined : new ConsoleFiles(CONSOLE)
  let listener: ConsoleListener | undefined
  let timer: NodeJS.Timeout | undefined
  const watch = servingCertificate(deps, 'console', (pem) => listener?.renew(pem))
  const live = new Live({ clock, random, evidence, tickets: createLiveTickets(deps), mayTalk: deps.mayTalk })
  const unwatch = store.watch(({ kind, id }) => {
    const topic = TOPICS.get(kind)
    if (topic !== undefined) live.hub.publish({ topic, id })
  })
  const proxies = new TrustedProxies(gateway.trustedProxies)
  return {
    consoleFiles,
    live,
    forwardedSeen: () => proxies.unheeded,
    async listen(api) {
      if (port === undefined) return
      const opening = api.listenConsole({
        ...{ port, bind, name, url: settings.url },
        tls: tls === 'off' ? undefined : await watch.open(),
        requireTls: requiresTls(settings),
        allowPublicBind: gateway.allowPublicBind,
        proxies,
      })
      // agents are protected all the same, and a gateway that does not start protects nobody
      listener = await opening.catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== 'EADDRINUSE') throw thrown
        const what = `Port ${port} belongs to another program, so there is no console; sign in to nothing at that address.`
        alert('console-port', 'high', what)
        return undefined
      })
      if (listener === undefined) return
      if (consoleFiles?.isBuilt === false) notice('the console was not built: run `npm run build`, then start again.')
      if (tls !== 'off') {
        timer = setInterval(() => void watch.check(), LOOK_EVERY)
        timer.unref()
      }
      if (tls === 'auto') notice(`browsers trust the console once they trust ${join(files.tls, 'authority.pem')}.`)
    },
    get site() {
      return listener?.site
    },
    close() {
      clearInterval(timer)
      unwatch()
    },
  }
}
