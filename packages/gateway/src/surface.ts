import { join } from 'node:path'
import type { Clock } from './boundary/ports.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import type { Layout } from './config/paths.ts'
import { ownCertificate } from './custody/console-certificate.ts'
import { isLoopback } from './ingress/api/listen.ts'
import { TrustedProxies } from './ingress/api/peer.ts'
import type { Api } from './ingress/api/server.ts'
import type { ConsoleListener } from './ingress/console/console-listener.ts'
import { ConsoleFiles } from './ingress/console/files.ts'
import type { ConsoleOrigin } from './ingress/console/origin.ts'
import { CertificateWatch } from './ingress/console/watch-certificate.ts'
import { CONSOLE } from './places.ts'

export interface SurfaceDeps {
  readonly loaded: LoadedConfig
  readonly files: Pick<Layout, 'tls'>
  readonly clock: Clock
  readonly alert: (name: string, severity: string, message: string) => void
  readonly notice: (line: string) => void
}

/** The console's listener. */
export interface Surface {
  /** Absent where no console is configured. */
  readonly consoleFiles: ConsoleFiles | undefined
  /** Where people reach it, and what passkeys are bound to; undefined before it listens. */
  readonly site: ConsoleOrigin | undefined
  /** Does nothing where no console is configured. @throws SallyportError SP_CONFIG_INSECURE, SP_CONFIG_INVALID */
  listen(api: Api): Promise<void>
  close(): void
}

const LOOK_EVERY = 60_000

/** Puts the console's listener together: its files, its certificate while that lasts, and who may reach it. */
export function createSurface({ loaded, files, clock, alert, notice }: SurfaceDeps): Surface {
  const { console: settings, gateway } = loaded.config
  const { tls, name, bind, port } = settings
  const consoleFiles = port === undefined ? undefined : new ConsoleFiles(CONSOLE)
  let listener: ConsoleListener | undefined
  let timer: NodeJS.Timeout | undefined
  const watch = new CertificateWatch({
    files: () =>
      typeof tls === 'object'
        ? Promise.resolve({ cert: configPath(loaded, tls.cert), key: configPath(loaded, tls.key) })
        : ownCertificate(files.tls, name, clock.now()),
    now: () => clock.now(),
    tell: (severity, sentence) => alert('console-certificate', severity, sentence),
    renewed: (pem) => listener?.renew(pem),
  })
  return {
    consoleFiles,
    async listen(api) {
      if (port === undefined) return
      listener = await api.listenConsole({
        ...{ port, bind, name, url: settings.url },
        tls: tls === 'off' ? undefined : await watch.open(),
        requireTls: settings.requireTls ?? !isLoopback(bind),
        allowPublicBind: gateway.allowPublicBind,
        proxies: new TrustedProxies(gateway.trustedProxies),
      })
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
    close: () => clearInterval(timer),
  }
}
