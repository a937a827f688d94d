/** Names that mean this machine, whatever a resolver says (RFC 6761 §6.3 and the usual hosts files). */
const LOOPBACK = new Set([
  'localhost',
  'localhost4',
  'localhost6',
  'localdomain',
  'localdomain4',
  'localdomain6',
  'loopback',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
  'ip6-localnet',
  'ip6-mcastprefix',
  'ip6-allnodes',
  'ip6-allrouters',
  'ip6-allhosts',
])
const LOOPBACK_ENDINGS = new Set(['localhost', 'localdomain', 'localdomain4', 'localdomain6'])

/** Names at which clouds hand out credentials. */
const METADATA = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.tencentyun.com',
  'metadata.azure.internal',
  'metadata.platformequinix.com',
  'metadata.packet.net',
  'metadata.service.consul',
  'api.metadata.cloud.ibm.com',
  'rancher-metadata',
  'rancher-metadata.rancher.internal',
  'meta-data',
  'metadata-server',
  'metadata-service',
  'imds',
])
const METADATA_LABELS = new Set(['metadata', 'instance-data', 'rancher-metadata', 'imds', 'metadata-server'])

/** Endings that no public resolver should answer for: mDNS, home and company networks, container networks. */
const PRIVATE_ENDINGS = new Set(
  'local internal intranet private corp home lan localnet test invalid onion alt docker cluster svc'.split(' '),
)

export type NameClass = 'loopback' | 'metadata' | 'private' | 'ordinary'

/** Class of a canonical host name (lower case, no trailing dot). It says what the name means, not where it resolves to. */
export function nameClass(host: string): NameClass {
  const labels = host.split('.')
  const last = labels.at(-1) ?? ''
  if (LOOPBACK.has(host) || LOOPBACK_ENDINGS.has(last)) return 'loopback'
  if (isMetadata(labels)) return 'metadata'
  if (PRIVATE_ENDINGS.has(last) || host.endsWith('.home.arpa') || labels.length === 1) return 'private'
  return 'ordinary'
}

/** The listed names, what lies below them, and their shape in a private zone: `metadata.eu-1.internal`. */
function isMetadata(labels: readonly string[]): boolean {
  for (let at = 0; at < labels.length; at++) {
    const rest = labels.slice(at).join('.')
    if (METADATA.has(rest) && (at === 0 || rest.includes('.'))) return true
  }
  return PRIVATE_ENDINGS.has(labels.at(-1) ?? '') && METADATA_LABELS.has(labels[0] ?? '')
}
