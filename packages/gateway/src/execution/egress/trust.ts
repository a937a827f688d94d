import { readFileSync } from 'node:fs'
import { EGRESS_URL } from './listener.ts'

/** Where Debian, Red Hat and SUSE keep the authorities of the machine. */
const OF_MACHINE = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem']
/** Where a sandbox finds the authorities it trusts. */
export const TRUSTED_AT = '/etc/sallyport/authorities.pem'
/** What programs are told by: OpenSSL, curl, Python, git, pip, Node, AWS, Deno, Cargo. */
const VARIABLES = [
  ...['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'GIT_SSL_CAINFO', 'PIP_CERT', 'NODE_EXTRA_CA_CERTS'],
  ...['AWS_CA_BUNDLE', 'DENO_CERT', 'CARGO_HTTP_CAINFO', 'HTTPLIB2_CA_CERTS', 'NPM_CONFIG_CAFILE'],
]

/** The authorities of this machine and one more, PEM. Nothing but one sandbox ever sees it (T-123). */
export function trustedWith(certificate: string): string {
  for (const path of OF_MACHINE) {
    try {
      return `${readFileSync(path, 'utf8').trimEnd()}\n${certificate.trimEnd()}\n`
    } catch {
      // the next one
    }
  }
  return [...process.getBuiltinModule('node:tls').rootCertificates, certificate.trimEnd(), ''].join('\n')
}

export const TRUST_VARIABLES: Readonly<Record<string, string>> = Object.fromEntries(
  VARIABLES.map((name) => [name, TRUSTED_AT]),
)

const LOOPBACK = /^(?:(?:[^:]+\.)?localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)(?::(?:\d+|\*))?$/i
const pastProxy = (list: string): Readonly<Record<string, string>> => ({ NO_PROXY: list, no_proxy: list })
/** The loopback of a sandbox is its own: servers that are started there are reached there. */
export const OWN_LOOPBACK = pastProxy('localhost,127.0.0.1,::1')

/**
 * Where hosts outside go by the names of the loopback, they are meant, and programs reach nothing but the way out by themselves.
 * @param hosts as `host` or `host:port`
 */
export const withLoopbackOutside = (hosts: readonly string[]): Readonly<Record<string, string>> =>
  hosts.some((host) => LOOPBACK.test(host)) ? pastProxy(new URL(EGRESS_URL).host) : {}
