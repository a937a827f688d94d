import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CallBinding } from './approval.ts'
import { callDigest, decisionDigest, operatorDecisionDigest, operatorDigest, viewDigest } from './digests.ts'
import * as web from './digests-web.ts'
import type { Json } from '../json/types.ts'
import type { ApprovalView } from './view.ts'

it('T-024: a browser computes the same digests as the gateway, for any values', async () => {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
  const texts = fc.string({ unit: 'grapheme', maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(json, texts, fc.integer({ min: 0 }), async (value, text, at) => {
      const binding = { facts: value, tool: text } as unknown as CallBinding
      const view = { renderer: text, sections: [value] } as unknown as ApprovalView
      expect(await web.callDigestWeb(binding)).toBe(callDigest(binding))
      expect(await web.viewDigestWeb(view)).toBe(viewDigest(view))
      const scope = { kind: 'tool', until: at } as const
      const subject = { approvalId: text, call: 'c', view: 'v', scope, notAfter: at, nonce: text }
      expect(await web.decisionDigestWeb(subject)).toBe(decisionDigest(subject))
      expect(await web.operatorDigestWeb(text, value)).toBe(operatorDigest(text, value))
      const act = { kind: text, call: 'c', view: 'v', notAfter: at, nonce: text }
      expect(await web.operatorDecisionDigestWeb(act)).toBe(operatorDecisionDigest(act))
    }),
    { numRuns: 300 },
  )
})

it('the challenge of a passkey is the 32 bytes of the digest', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const hex = Buffer.from(bytes).toString('hex')
      expect(web.challengeOf(hex)).toBe(Buffer.from(bytes).toString('base64url'))
    }),
  )
})

it('what a browser loads with it names nothing of Node', () => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    expect(text, file).not.toMatch(/from 'node:|\bBuffer\.|\bprocess\.(?:env|argv|versions)/)
    for (const [, path = ''] of text.matchAll(/^(?:import|export) (?!type)[^']*from '(\.[^']+)'/gm)) {
      visit(join(dirname(file), path))
    }
  }
  visit(fileURLToPath(new URL('./digests-web.ts', import.meta.url)))
  expect(seen.size).toBeGreaterThan(3)
})
