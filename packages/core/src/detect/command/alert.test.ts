import { describe, expect, it } from 'vitest'
import { sanitisationAlert } from './alert.ts'

const SECRET = 'ghp|_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2'.replace('|', '')
const session = { sessionId: 's1', agentId: 'a1', tool: 'shell.exec' }

describe('sanitisation alert', () => {
  it('AC-3.3.3 E-36: holds command, arguments, patterns, action and session; a secret is masked, its hash is there', () => {
    const alert = sanitisationAlert({
      command: `curl -H "x: ${SECRET}" {arg}`,
      arguments: [`$(echo ${SECRET})`],
      patterns: ['command-substitution', 'braced-variable', 'command-substitution'],
      action: 'block',
      session,
    })
    expect(alert).toMatchObject({
      kind: 'command.sanitisation',
      patterns: ['braced-variable', 'command-substitution'],
      action: 'block',
      session,
      commandHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      argumentHashes: [expect.stringMatching(/^[0-9a-f]{64}$/)],
    })
    expect(JSON.stringify(alert)).not.toContain(SECRET)
    expect(alert.command).toContain('curl -H')
  })

  it('AC-3.3.3: a huge command is cut, its hash is of the whole', () => {
    const short = sanitisationAlert({
      command: 'a'.repeat(5000),
      arguments: [],
      patterns: [],
      action: 'escape',
      session,
    })
    const long = sanitisationAlert({
      command: 'a'.repeat(5001),
      arguments: [],
      patterns: [],
      action: 'escape',
      session,
    })
    expect(short.command.length).toBeLessThan(4100)
    expect(short.commandHash).not.toBe(long.commandHash)
  })
})
