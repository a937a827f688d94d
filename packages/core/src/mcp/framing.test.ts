import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineFramer } from './framing.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const texts = (framer: LineFramer, ...chunks: Uint8Array[]) =>
  chunks
    .flatMap((chunk) => framer.push(chunk))
    .map((frame) => (frame.kind === 'line' ? new TextDecoder().decode(frame.bytes) : frame.kind))

describe('LineFramer', () => {
  it('T-156: gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''))),
        fc.nat(30),
        (lines, size) => {
          const all = bytes(lines.map((line) => `${line}\n`).join(''))
          const chunks = []
          for (let at = 0; at < all.length; at += size + 1) chunks.push(all.subarray(at, at + size + 1))
          const expected = lines.map((line) => new TextDecoder().decode(bytes(line)))
          expect(texts(new LineFramer(1_000_000), ...chunks)).toEqual(expected)
        },
      ),
    )
  })

  it('T-156: reports a line that is too long once, holds nothing of it and goes on after it', () => {
    const framer = new LineFramer(4)
    expect(texts(framer, bytes('ok\n12345'), bytes('678'), bytes('9\nok\n'))).toEqual(['ok', 'oversize', 'ok'])
    expect(framer.pending).toBe(0)
  })
})
