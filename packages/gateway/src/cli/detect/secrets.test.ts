import { describe, expect, it } from 'vitest'
import { judge } from './secrets.ts'

const BODY = 'K7dQ2mX9pLz4Rt8VwY1nBc6HsJ3fGa5EuTo'
const TOKEN = ['ghp', '_', BODY].join('')

describe('a line of `detect secrets --jsonl`', () => {
  it('HB-74: says what and where, and gives the text back without it', () => {
    expect(judge({ parts: ['token ', TOKEN, ' here'] })).toEqual({
      verdict: 'flag',
      score: 1,
      category: 'secret',
      findings: [{ rule: 'secret.github', category: 'secret', severity: 'high', start: 6, end: 6 + TOKEN.length }],
      redacted: 'token [REDACTED] here',
    })
  })

  it('HB-74: a clean text is clean and not repeated', () => {
    expect(judge({ input: 'Set the API_KEY from your vault.' })).toEqual({
      verdict: 'clean',
      score: 0,
      category: null,
      findings: [],
    })
  })

  it('HB-76: a stream comes back as it would have been sent', () => {
    const chunks = [['Your token is ', TOKEN.slice(0, 9)], [TOKEN.slice(9)], ' - keep it safe.']
    const { verdict, chunks: sent } = judge({ chunks, wire: 'text' })
    expect(verdict).toBe('flag')
    expect((sent as string[]).join('')).toBe('Your token is [REDACTED] - keep it safe.')
  })

  it('HB-76: frames are known by their look, whatever the wire is called', () => {
    const frame = (text: string): string => `data: {"delta":{"text":${JSON.stringify(text)}}}\n\n`
    const { verdict, chunks: sent } = judge({
      chunks: [frame(TOKEN.slice(0, 9)), frame(TOKEN.slice(9))],
      wire: 'other',
    })
    expect(verdict).toBe('flag')
    expect((sent as string[]).join('')).not.toContain(BODY.slice(5, 12))
  })

  it('a line without a text is an error of usage', () => {
    expect(() => judge({ id: 'x' })).toThrow(expect.objectContaining({ code: 'SP_CLI_USAGE' }) as Error)
  })
})
