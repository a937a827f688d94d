import type { Clock } from './boundary/ports.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import type { Layout } from './config/paths.ts'
import { ownCertificate } from './custody/console-certificate.ts'
import type { CertificatePem } from './ingress/console/console-listener.ts'
import { CertificateWatch } from './ingress/console/watch-certificate.ts'

export interface ServingDeps {
  readonly loaded: LoadedConfig
  readonly files: Pick<Layout, 'tls'>
  readonly clock: Clock
  readonly alert: (name: string, severity: string, message: string) => void
}

/**
 * The certificate that a listener serves, while it runs: files of the operator's, or one of the gateway's own authority for
 * `console.name`.
 */
export const servingCertificate = (
  { loaded, files, clock, alert }: ServingDeps,
  of: 'console' | 'gateway',
  renewed: (pem: CertificatePem) => void,
): CertificateWatch => {
  const { tls } = loaded.config[of]
  return new CertificateWatch({
    files: () =>
      typeof tls === 'object'
        ? Promise.resolve({ cert: configPath(loaded, tls.cert), key: configPath(loaded, tls.key) })
        : ownCertificate(files.tls, loaded.config.console.name, clock.now(), of),
    now: () => clock.now(),
    whose: of === 'console' ? 'The console' : 'The address of agents',
    tell: (severity, sentence) => alert(`${of}-certificate`, severity, sentence),
    renewed,
  })
}
