import { describe, expect, it } from 'vitest'
import { argumentFacts } from './facts.ts'
import { argumentLeaves } from './leaves.ts'
import { UNCLASSIFIED, type RegisteredTool } from './tool.ts'

const tool: RegisteredTool = {
  id: 's.fetch',
  server: 's',
  name: 'fetch',
  definition: { name: 'fetch', inputSchema: {} },
  pin: '',
  annotation: { ...UNCLASSIFIED, groups: ['group:web'], args: { url: 'sink', body: 'content' } },
  annotated: true,
  elevated: false,
}
const factsOf = (args: { readonly url?: string; readonly body?: string }) =>
  argumentFacts(tool, args, argumentLeaves(tool.annotation, args))

describe('URLs of arguments as policies see them', () => {
  it.each([
    ['http://169.254.169.254/latest/meta-data', 'metadata'],
    ['http://2852039166/', 'metadata'],
    ['http://[::ffff:169.254.169.254]/', 'metadata'],
    ['http://[64:ff9b::a9fe:a9fe]/', 'metadata'],
    ['http://metadata.google.internal/computeMetadata/v1/', 'metadata'],
    ['169.254.169.254', 'metadata'],
    ['http://169.254.7.7/', 'link-local'],
    ['http://[fe80::1]/', 'link-local'],
    ['http://127.1:8080/', 'loopback'],
    ['http://0x7f.1/', 'loopback'],
    ['http://localhost:3000/', 'loopback'],
    ['http://[::1]/', 'loopback'],
    ['http://10.1.2.3/', 'private'],
    ['http://printer.lan/', 'private'],
    ['http://[64:ff9b::808:808]/', 'embedded'],
    ['http://192.0.2.1/', 'special'],
    ['https://8.8.8.8/', 'public'],
    ['https://api.example.org/', 'name'],
  ])('T-120: %s lies in %s', (url, network) => {
    expect(factsOf({ url }).networks).toContain(network)
  })

  it.each([
    ['https://good.example@evil.example/', ['userinfo']],
    ['https://ana:secret@example.org/', ['userinfo']],
    ['ssh://git:secret@example.org/x', ['userinfo']],
    ['ssh://git@evil.example@example.org/x', ['userinfo']],
    ['ssh://git@example.org/team/x.git', []],
    ['https:\\\\example.org/', ['backslash']],
    ['https://ex\nample.org/', ['control']],
    ['https:/example.org/', ['slashes']],
    ['https://ex%61mple.org/', ['percent']],
    ['http://0x7f.1/', ['address-spelling']],
    ['https://xn--mnchen-3ya.example/', ['punycode']],
    ['https://münchen.example/', ['punycode']],
    ['https://p\u0430ypal.example/', ['punycode', 'mixed-scripts']],
    ['see https://u:p@example.org/ there', ['userinfo']],
    ['mailto:ana@example.org', []],
    ['https://example.org/a?b=c#d', []],
    ['meet at 10:30, see notes: all', []],
  ])('T-116: signs of %j are %j', (url, signs) => {
    expect(factsOf({ url }).urlSigns).toEqual(signs)
  })

  it('a mailbox is at no network: mail goes by servers', () => {
    expect(factsOf({ url: 'ana@team.internal' })).toMatchObject({ networks: [], hosts: ['team.internal'] })
  })

  it('names ports, written or usual', () => {
    expect(factsOf({ url: 'https://a.example/ http://b.example:8080/ ssh://c.example' }).ports).toEqual([443, 8080, 22])
    expect(factsOf({ url: 'custom://c.example' }).ports).toEqual([])
  })

  it('reads a whole URL in what is said, and no other text of it', () => {
    expect(factsOf({ body: 'http://169.254.169.254/' })).toMatchObject({ networks: ['metadata'], ports: [80] })
    expect(factsOf({ body: 'never open http://169.254.169.254/' })).toMatchObject({ networks: [], ports: [] })
  })

  it('T-160: a long list of URLs is read in linear time', () => {
    const time = (count: number): number => {
      const url = Array.from({ length: count }, (_, n) => `https://a.example/${n}`).join(' ')
      const start = process.cpuUsage()
      expect(factsOf({ url }).urlSigns).toEqual(['too-many'])
      const { user, system } = process.cpuUsage(start)
      return user + system
    }
    time(2_000)
    expect(time(16_000)).toBeLessThan(24 * Math.max(time(2_000), 2_000))
  })
})
