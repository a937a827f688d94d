import { beforeAll, describe, expect, test } from 'vitest'
import type { AblationCase } from '../../packages/gateway/src/assurance/attack/ablation.ts'
import { attackJson } from './attack-cli.ts'
import { incidents } from './shipped.ts'

let ablation: readonly AblationCase[] = []
beforeAll(async () => {
  ablation = (await attackJson({ ablate: true })).report.ablation ?? []
}, 180_000)
const chains = incidents.flatMap(({ name, proves }) => (proves === undefined ? [] : [[proves, name] as const]))
const of = (name: string) => ablation.find(({ id }) => id === `incident/${name}`)

describe('layers that stop an attack', () => {
  test.each([
    ['TM-CHAIN-1', 'tm-chain-1-skill-theft'],
    ['TM-CHAIN-2', 'tm-chain-2-injection-to-code'],
    ['TM-CHAIN-3', 'tm-chain-3-fetched-content'],
    ['HB-6', 'hb-6-webhook-and-skill'],
  ])('HB-26 %s: at least two layers stop it alone, and it passes with no single one off', (proves, name) => {
    expect(chains).toContainEqual([proves, name])
    const row = of(name)
    expect(row?.passesBare).toBe(true)
    expect(row?.stoppedBy.length).toBeGreaterThanOrEqual(2)
    expect(row?.reliesOn).toEqual([])
    expect(row?.passes).toBe(false)
  })

  test('HB-26: without any layer every shipped attack does its harm, so that a layer that stops one did it', () => {
    expect(ablation.map(({ id }) => id).sort()).toEqual(incidents.map(({ name }) => `incident/${name}`).sort())
    expect(ablation.filter(({ passesBare }) => !passesBare)).toEqual([])
    // each layer that is built holds something
    const holding = new Set(ablation.flatMap(({ stoppedBy }) => stoppedBy))
    expect([...holding].sort()).toEqual(expect.arrayContaining(['base', 'flow', 'inspection', 'pin', 'preset']))
  })

  test('HB-26 T-083: a definition that changed is held by its pin where nothing else could know', () => {
    expect(of('postmark-mcp-blind-copy')).toMatchObject({ stoppedBy: ['pin'], reliesOn: ['pin'] })
    expect(of('whatsapp-tool-poisoning')?.stoppedBy).toEqual(expect.arrayContaining(['flow', 'pin']))
  })
})
