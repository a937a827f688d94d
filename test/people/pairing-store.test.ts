import { afterEach, beforeEach, expect, test } from 'vitest'
import { Devices } from '../../packages/gateway/src/control/people/devices.ts'
import { Links } from '../../packages/gateway/src/control/people/links.ts'
import { plainCode } from '../../packages/gateway/src/control/people/recovery.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { peopleRig, type PeopleRig } from './kit.ts'

const ANA = 'operator:ana'
const MOST = 3

let rig: PeopleRig
/** What two gateways on one store have of pairing. */
let nodes: readonly { readonly links: Links; readonly devices: Devices }[]
beforeEach(async () => {
  rig = await peopleRig()
  nodes = [rig.node, await rig.another()].map(({ store, logins, passkeys }) => {
    const common = { ...{ store, evidence: rig.evidence, clock: rig.clock, random: systemRandom }, ...rig.keys }
    const links = new Links(common)
    const none = { isOwnAddress: () => false, alert: () => undefined }
    return { links, devices: new Devices({ ...common, ...none, links, logins, passkeys }) }
  })
}, 60_000)
afterEach(() => rig.close())

const at = (turn: number) => nodes[turn % nodes.length] as (typeof nodes)[number]
const ask = (turn: number) => at(turn).devices.pairingCode(ANA)
const open = () => at(0).links.open()

test('FV-6: however many are asked for at one moment, on two nodes, no more codes are open than may be', async () => {
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(Array.from({ length: 2 + round }, (_, turn) => ask(turn)))
    const given = answers.filter(({ ok }) => ok).length
    expect(given).toBeLessThanOrEqual(MOST)
    for (const answer of answers) if (!answer.ok) expect(answer.code).toBe('SP_PEOPLE_LIMIT')
    expect(await open(), 'what was refused left nothing').toHaveLength(given)
    // one after the other the rest is given out, and then nothing
    for (let turn = given; turn < MOST; turn++) expect((await ask(turn)).ok).toBe(true)
    expect((await ask(round)).ok).toBe(false)
    for (const { id } of await open()) await at(round).links.end(id)
  }
})

test('FV-6: a code that many come with at one moment is for one, and asked for again it is not given twice', async () => {
  const made = await ask(0)
  if (!made.ok) throw new Error(made.reason)
  const code = plainCode(made.value.code)
  const come = () =>
    Promise.all(Array.from({ length: 12 }, (_, turn) => at(turn).links.redeem(code, { typed: true, from: `${turn}` })))
  expect((await come()).filter(({ ok }) => ok)).toHaveLength(1)
  expect((await come()).filter(({ ok }) => ok)).toHaveLength(0)
  const waiting = await at(1).devices.waiting(ANA)
  expect(waiting).toHaveLength(1)
  const [{ id, check }] = waiting as [(typeof waiting)[number]]
  const yes = await Promise.all([0, 1, 0, 1].map((turn) => at(turn).devices.confirm(ANA, id, check)))
  expect(yes.filter(({ ok }) => ok)).toHaveLength(1)
})

test('FV-3: however many finish pairing at one moment, on two nodes, nobody has more than five devices', async () => {
  const pair = (turn: number) =>
    at(turn).devices.paired(ANA, `key-${turn}`, 'Phone', { address: '192.0.2.44', browser: '' })
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(Array.from({ length: 6 + round }, (_, turn) => pair(turn)))
    const given = answers.flatMap((answer) => (answer.ok ? [answer.value.id] : []))
    expect(given.length).toBeLessThanOrEqual(5)
    const left = (await at(1).devices.list(ANA)).map(({ id }) => id)
    expect(left.toSorted(), 'what was refused left nothing').toEqual(given.toSorted())
    // one after the other the rest is taken in, and then nothing
    for (let turn = given.length; turn < 5; turn++) expect((await pair(turn)).ok).toBe(true)
    expect(await pair(round)).toMatchObject({ ok: false, code: 'SP_PEOPLE_LIMIT' })
    for (const { id } of await at(0).devices.list(ANA)) await at(round).devices.remove(id, ANA)
  }
})
