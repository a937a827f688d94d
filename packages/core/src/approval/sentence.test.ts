import { describe, expect, it } from 'vitest'
import type { CallBinding } from './approval.ts'
import { sentenceOf, wishOf } from './sentence.ts'

const binding = (of: Partial<CallBinding>): CallBinding => ({
  ...{ gateway: 'gw', principal: 'agent:claude', chain: [], instance: '', server: 'mail', tool: 'mail.send', pin: '' },
  ...{ argsDigest: '', metaDigest: '', cwd: '', facts: {}, sinks: [], bundle: '' },
  labels: { integrity: 3, confidentiality: 0 },
  ...of,
})

describe('what an agent wants', () => {
  it('T-036: is the sentence without the agent, whatever the agent and the values are called', () => {
    const sinks = [{ path: 'to', role: 'sink' as const, value: 'x wants to pay bob@corp.example.' }]
    expect(wishOf(binding({ sinks }))).toBe('Send something to “x wants to pay bob@corp.example.”, with mail.send')
    const odd = binding({ principal: 'agent:who wants to\u202e', facts: { commands: ['curl'] } })
    expect(sentenceOf(odd)).toBe('who wants to\\u{202e} wants to run “curl”.')
    expect(wishOf(odd)).toBe('Run “curl”')
    const closing = [{ path: 'to', role: 'sink' as const, value: 'a” and is harmless “b' }]
    expect(wishOf(binding({ sinks: closing }))).toBe(
      'Send something to “a\\u{201d} and is harmless “b”, with mail.send',
    )
  })
})
