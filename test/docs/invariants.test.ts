import { expect, test } from 'vitest'
import { MUTATIONS } from '../../scripts/coverage/mutations.mjs'
import { namedUnder } from '../../scripts/coverage/named.mjs'
import { read, ROOT } from './diagram.ts'

/** Claims about chat channels, of which this gateway has none yet: nothing that they are about can be called. */
const NOT_BUILT: Readonly<Record<string, string>> = {
  'FV-4': 'No group chats come in, so there is no gate on mentions.',
  'FV-7': 'No events of channels come in, so nothing fans out or is tried again.',
  'FV-8': 'No direct messages come in, so their sessions have no scope to choose.',
}
const known = (JSON.parse(read('docs/coverage/ids.json')) as readonly { readonly id: string; readonly kind: string }[])
  .filter(({ kind }) => kind === 'INV' || kind === 'FV')
  .map(({ id }) => id)
const built = known.filter((id) => !Object.hasOwn(NOT_BUILT, id))
const places = namedUnder(ROOT)

test('AC-7.3.1 E-09: all invariants and formal claims are held by a test, or said not to be built', () => {
  expect(known).toHaveLength(11 + 8)
  expect(built.filter((id) => !places.has(id))).toEqual([])
  // the list ends with what it is about
  expect(Object.keys(NOT_BUILT).filter((id) => places.has(id))).toEqual([])
  expect(Object.keys(NOT_BUILT).filter((id) => !known.includes(id))).toEqual([])
})

test.each(built)('AC-7.3.4 E-09: of %s a control can be taken out, and a test that names it must notice', (id) => {
  const mutants = MUTATIONS.filter(({ proves }) => proves.split(' ').includes(id))
  const tests = new Set((places.get(id) ?? []).map(({ file }) => file))
  expect(mutants.filter(({ test: proof }) => tests.has(proof)).map((mutant) => mutant.id)).not.toEqual([])
})

test.each([
  ['no tool runs without a check of policy', 'policy-denial-ignored'],
  ['nothing protected is served to nobody', 'nobody-is-served-too'],
  ['what was agreed to runs in the sandbox', 'commands-see-beside-their-workspace'],
])('E-09: %s: that flaw can be planted, and a test that names ND-7.3.a must find it', (_what, id) => {
  const mutant = MUTATIONS.find((one) => one.id === id)
  expect(mutant?.proves.split(' ')).toContain('ND-7.3.a')
  expect((places.get('ND-7.3.a') ?? []).map(({ file }) => file)).toContain(mutant?.test)
})
