import { describe, expect, it } from 'vitest'
import { addressFacts, inBlock } from './address.ts'
import { SPECIAL_BLOCKS } from './special-blocks.ts'

const CLASSES: Readonly<Record<string, string>> = {
  metadata: `169.254.169.254 169.254.170.2 169.254.170.23 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254 fd00:ec2::23
    fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42 fe80::a9fe:a9fe ::ffff:169.254.169.254 ::ffff:a83f:8110 169.254.42.42`,
  loopback: '127.0.0.1 127.255.255.255 ::1 0:0:0:0:0:0:0:1 ::ffff:127.0.0.1 ::FFFF:7F00:1',
  link_local: '169.254.0.1 169.254.255.255 fe80::1 febf:ffff::1 fec0::1',
  private: `10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 100.64.0.0 100.127.255.255 fc00::1
    fdff:ffff::1 ::ffff:10.0.0.1`,
  embedded: `64:ff9b::8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1 2002:808:808::1 2002:7f00:1::1 2001::1 2001:0:4136:e378:8000:63bf:80ff:fffe
    ::ffff:0:8.8.8.8`,
  special: `0.0.0.0 0.255.255.255 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 :: ::7f00:1 ::10.0.0.1 100::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff::1 2001:db8::1
    3fff::1 3fff:fff::1 5f00::1 ff02::1 ff0e::1 4000::1 1::1 8000::1 e000::1`,
  public: `1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 168.63.129.15 168.63.129.17 169.253.255.255
    169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0
    198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 2000::1 2001:200::1
    2001:4860:4860::8888 2001:db7::1 2001:db9::1 2003::1 2606:4700::1111 2a00:1450::1 3ffe::1 3fff:1000::1 ::ffff:8.8.8.8`,
}

describe('T-116 T-120: classes of addresses', () => {
  for (const [kind, addresses] of Object.entries(CLASSES)) {
    it.each(addresses.split(/\s+/))(`%s is ${kind}`, (address) => {
      expect(addressFacts(address)?.class).toBe(kind)
    })
  }
  it.each([
    ...[
      '127.1',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '2130706433',
      '127.0.0.1 ',
      ' 127.0.0.1',
      '127.0.0.1.',
      '1.2.3',
      '256.1.1.1',
      '',
    ],
    ...['08.8.8.8', '1.2.3.4/8', '[::1]', 'fe80::1%eth0', '1::2::3', ':::1', '::ffff:1.2.3', '::ffff:01.2.3.4', '::g'],
    ...['12345::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '１.1.1.1', 'localhost', '::1\n', '::ffff:1.2.3.4:1'],
  ])('%j is no address', (text) => {
    expect(addressFacts(text)).toBeUndefined()
  })
  it('gives the shortest spelling and what is carried', () => {
    expect(addressFacts('0:0:0:0:0:FFFF:7F00:0001')).toMatchObject({ family: 6, embedded: { address: '127.0.0.1' } })
    expect(addressFacts('64:ff9b::8.8.8.8')?.embedded).toMatchObject({ address: '8.8.8.8', class: 'public' })
    expect(addressFacts('2002:a00:1::')?.embedded).toMatchObject({ address: '10.0.0.1', class: 'private' })
    expect(addressFacts('2606:4700:0:0:0:0:0:1111')?.address).toBe('2606:4700::1111')
  })
  it('knows the first and the last address of every block', () => {
    for (const { block, class: kind } of SPECIAL_BLOCKS) {
      const base = block.slice(0, block.indexOf('/'))
      expect(inBlock(base, block), block).toBe(true)
      expect(addressFacts(base)?.class, `${block} ${kind}`).not.toBe('public')
    }
    expect(inBlock('10.0.0.1', '::/0')).toBe(false)
    expect(inBlock('nonsense', '0.0.0.0/0')).toBe(false)
    expect(inBlock('10.0.0.1', '10.0.0.1')).toBe(true)
  })
})
