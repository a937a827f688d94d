import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { SallyportError } from '@sallyport/core'
import type { CertificatePem } from './console-listener.ts'

const DAY = 86_400_000
const SOON = 14 * DAY

export interface CertificateWatchDeps {
  /** Where the certificate is now; own ones are made anew here before they end. */
  readonly files: () => Promise<{ readonly cert: string; readonly key: string }>
  readonly now: () => number
  /** Who serves it, at the beginning of a sentence. */
  readonly whose: string
  /** One sentence, told once for each change of its state. */
  readonly tell: (severity: 'medium' | 'high', sentence: string) => void
  readonly renewed: (pem: CertificatePem) => void
}

type State = 'good' | 'soon' | 'over' | 'unreadable'

/** The certificate of a listener while the gateway runs: read again when it changes, and said when it ends. */
export class CertificateWatch {
  readonly #deps: CertificateWatchDeps
  #pem: CertificatePem | undefined
  #state: State = 'good'

  constructor(deps: CertificateWatchDeps) {
    this.#deps = deps
  }

  /** The certificate to start with. @throws SallyportError SP_CONFIG_INVALID when it cannot be read or used */
  async open(): Promise<CertificatePem> {
    const files = await this.#deps.files()
    const pem = read(files)
    const { mode } = statSync(files.key)
    if ((mode & 0o077) !== 0) this.#deps.tell('high', `Others on this machine can read ${files.key}; chmod 600 it.`)
    this.#pem = pem
    this.#look(pem)
    return pem
  }

  /** Looks again. What cannot be used changes nothing: it goes on with what it has, over TLS. */
  async check(): Promise<void> {
    try {
      const pem = read(await this.#deps.files())
      if (pem.cert !== this.#pem?.cert || pem.key !== this.#pem.key) {
        this.#deps.renewed(pem)
        this.#pem = pem
      }
      this.#look(pem)
    } catch (thrown) {
      this.#change('unreadable', 'high', `${this.#deps.whose} keeps its old certificate: ${(thrown as Error).message}`)
    }
  }

  #look({ cert }: CertificatePem): void {
    const { validTo } = new X509Certificate(cert)
    const left = Date.parse(validTo) - this.#deps.now()
    if (left <= 0)
      this.#change(
        'over',
        'high',
        `${this.#deps.whose} has a certificate that ended on ${validTo}; browsers and programs refuse it until it is replaced.`,
      )
    else if (left < SOON)
      this.#change('soon', 'medium', `${this.#deps.whose} has a certificate that ends on ${validTo}; replace it.`)
    else this.#state = 'good'
  }

  #change(state: State, severity: 'medium' | 'high', sentence: string): void {
    if (this.#state !== state) this.#deps.tell(severity, sentence)
    this.#state = state
  }
}

/** @throws SallyportError SP_CONFIG_INVALID */
function read({ cert, key }: { readonly cert: string; readonly key: string }): CertificatePem {
  try {
    const pem = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
    createSecureContext(pem)
    return pem
  } catch (cause) {
    const detail = `${cert} and ${key} are no certificate with its key, or cannot be read.`
    throw new SallyportError('SP_CONFIG_INVALID', detail, { cause })
  }
}
