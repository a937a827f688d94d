import { readFileSync } from 'node:fs'

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
