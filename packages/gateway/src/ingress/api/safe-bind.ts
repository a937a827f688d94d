import { isIP } from 'node:net'
import { SallyportError } from '@sallyport/core'
import { isLoopback } from '../../config/loopback.ts'

export interface Bind {
  /** Section of the configuration, for the message. */
  readonly where: 'gateway' | 'console'
  readonly bind: string
  readonly hasTls: boolean
  readonly allowPublicBind: boolean
}

/**
 * Every address but loopback is exposed (E-24): it takes TLS, and that somebody meant it (E-23).
 * @throws SallyportError SP_CONFIG_INVALID, SP_CONFIG_INSECURE
 */
export function requireSafeBind({ where, bind, hasTls, allowPublicBind }: Bind): void {
  const refuse = (what: string): never => {
    throw new SallyportError('SP_CONFIG_INSECURE', `${where}.bind ${bind}: ${what}`)
  }
  if (isIP(bind) === 0) throw new SallyportError('SP_CONFIG_INVALID', `${where}.bind ${bind} is not an IP address.`)
  if (isLoopback(bind)) return
  if (!hasTls)
    refuse(`others reach this address, so it needs TLS; set \`${where}.tls\` to \`auto\` or to a certificate.`)
  if (!allowPublicBind) refuse('others reach this address; set `gateway.allowPublicBind: true` if that is meant.')
}
