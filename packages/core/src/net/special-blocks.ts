/** What an address is for, as far as a gateway cares. All but `public` is refused unless a setting says otherwise. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'link_local' | 'metadata' | 'embedded' | 'special'

export interface SpecialBlock {
  readonly block: string
  readonly class: Exclude<AddressClass, 'public'>
  readonly name: string
}

const rows = (kind: SpecialBlock['class'], table: Readonly<Record<string, string>>): readonly SpecialBlock[] =>
  Object.entries(table).map(([block, name]) => ({ block, class: kind, name }))

/**
 * Special-purpose blocks of both IANA registries (2025-10) and the addresses at which clouds hand out credentials. Order
 * counts: the first match is the answer, so exact services stand before the ranges that hold them. Blocks that the
 * registries call globally reachable (AS112, AMT relays) are left out; the anycast relays of retired tunnels are not.
 */
export const SPECIAL_BLOCKS: readonly SpecialBlock[] = Object.freeze([
  ...rows('metadata', {
    '169.254.169.254/32': 'instance metadata (AWS, Azure, GCP, Oracle, DigitalOcean and others)',
    '169.254.170.2/32': 'AWS ECS task credentials',
    '169.254.170.23/32': 'AWS EKS pod identity',
    '169.254.169.249/32': 'AWS host services',
    '169.254.169.250/32': 'AWS licence service',
    '169.254.169.251/32': 'AWS licence service',
    '169.254.169.253/32': 'AWS resolver',
    '169.254.169.123/32': 'AWS time',
    '169.254.0.23/32': 'Tencent metadata',
    '169.254.10.10/32': 'Tencent metadata',
    '169.254.42.42/32': 'Scaleway metadata',
    '100.100.100.200/32': 'Alibaba metadata',
    '168.63.129.16/32': 'Azure host services',
    '192.0.0.192/32': 'Oracle Classic metadata',
    'fd00:ec2::/32': 'AWS services over IPv6',
    'fd20:ce::254/128': 'GCP metadata',
    'fd00:c1::a9fe:a9fe/128': 'Oracle metadata',
    'fd00:42::42/128': 'Scaleway metadata',
    'fd00:a9fe:a9fe::1/128': 'Akamai metadata',
    'fe80::a9fe:a9fe/128': 'OpenStack metadata',
  }),
  ...rows('loopback', { '127.0.0.0/8': 'loopback (RFC 1122)', '::1/128': 'loopback (RFC 4291)' }),
  ...rows('link_local', {
    '169.254.0.0/16': 'link-local (RFC 3927)',
    'fe80::/10': 'link-local (RFC 4291)',
    'fec0::/10': 'site-local, withdrawn (RFC 3879)',
  }),
  ...rows('private', {
    '10.0.0.0/8': 'private (RFC 1918)',
    '172.16.0.0/12': 'private (RFC 1918)',
    '192.168.0.0/16': 'private (RFC 1918)',
    '100.64.0.0/10': 'shared by carriers (RFC 6598)',
    'fc00::/7': 'unique local (RFC 4193)',
  }),
  ...rows('embedded', {
    '::ffff:0:0:0/96': 'IPv4-translated (RFC 2765)',
    '64:ff9b:1::/48': 'NAT64 of a local network (RFC 8215)',
    '64:ff9b::/96': 'NAT64 (RFC 6052)',
    '2001::/32': 'Teredo (RFC 4380)',
    '2002::/16': '6to4 (RFC 3056)',
  }),
  ...rows('special', {
    '0.0.0.0/8': 'this network (RFC 791)',
    '192.0.0.0/24': 'protocol assignments (RFC 6890)',
    '192.0.2.0/24': 'documentation (RFC 5737)',
    '192.88.99.0/24': '6to4 relays, withdrawn (RFC 7526)',
    '198.18.0.0/15': 'benchmarks (RFC 2544)',
    '198.51.100.0/24': 'documentation (RFC 5737)',
    '203.0.113.0/24': 'documentation (RFC 5737)',
    '224.0.0.0/4': 'multicast (RFC 5771)',
    '255.255.255.255/32': 'broadcast (RFC 8190)',
    '240.0.0.0/4': 'reserved (RFC 1112)',
    '::/128': 'unspecified (RFC 4291)',
    '::/96': 'IPv4-compatible (RFC 4291)',
    '100::/64': 'discard (RFC 6666)',
    '100:0:0:1::/64': 'dummy prefix (RFC 9780)',
    '2001::/23': 'protocol assignments (RFC 2928)',
    '2001:db8::/32': 'documentation (RFC 3849)',
    '3fff::/20': 'documentation (RFC 9637)',
    '5f00::/16': 'segment routing (RFC 9602)',
    'ff00::/8': 'multicast (RFC 4291)',
  }),
])
