import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { isOwnAddress } from '../../packages/gateway/src/proofs.ts'

const own = Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
  all.map(({ address }) => ({ name, address })),
)

test.each(own)('T-024: $address of this machine makes no second device, however it is written', ({ name, address }) => {
  const spellings = [address, address.toUpperCase(), `${address}%${name}`]
  if (!address.includes(':')) spellings.push(`::ffff:${address}`, `::FFFF:${address}`)
  for (const spelling of spellings) expect([spelling, isOwnAddress(spelling)]).toEqual([spelling, true])
})

test('T-024: other machines are others', () => {
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', 'fe80::dead:beef%eth0'])
    expect([address, isOwnAddress(address)]).toEqual([address, false])
})
