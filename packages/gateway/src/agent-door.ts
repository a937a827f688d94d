import { requireSafeBind } from './ingress/api/safe-bind.ts'
import type { AgentAddress, AgentListener } from './ingress/api/agent-listener.ts'
import { servingCertificate, type ServingDeps } from './serving-certificate.ts'

/** Where agents come in over TCP, and its certificate while that lasts. */
export interface AgentDoor {
  /** Undefined where no port is configured. @throws SallyportError SP_CONFIG_INSECURE, SP_CONFIG_INVALID */
  address(): Promise<AgentAddress | undefined>
  /** From now on a new certificate goes to this listener. */
  serves(listener: Pick<AgentListener, 'renew'>): void
  close(): void
}

const LOOK_EVERY = 60_000

export function createAgentDoor(deps: ServingDeps): AgentDoor {
  const { gateway, console: site } = deps.loaded.config
  const { port, bind, tls, allowPublicBind } = gateway
  let listener: Pick<AgentListener, 'renew'> | undefined
  let timer: NodeJS.Timeout | undefined
  const watch = servingCertificate(deps, 'gateway', (pem) => listener?.renew(pem))
  return {
    async address() {
      if (port === undefined) return undefined
      requireSafeBind({ where: 'gateway', bind, hasTls: tls !== 'off', allowPublicBind })
      if (tls === 'off') return { host: bind, port }
      const pem = await watch.open()
      return { host: bind, port, tls: pem, name: site.name }
    },
    serves(now) {
      listener = now
      if (tls === 'off' || port === undefined) return
      timer = setInterval(() => void watch.check(), LOOK_EVERY)
      timer.unref()
    },
    close: () => clearInterval(timer),
  }
}
