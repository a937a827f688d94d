import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCheckpointSigner, noteKeyId, parseCheckpointText, verifierKey, verifyCheckpoint } from './checkpoint.ts'
import { formatNote, parseNote } from './note.ts'

const key = (): Buffer => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
const head = { size: 12, root: 'ab'.repeat(32), ts: 1_790_000_000_000, boot: 3, last: 'cd'.repeat(32) }
const signer = createCheckpointSigner(key(), 'sallyport.example/log')
const note = signer.sign(head)
const check = (text: string) => verifyCheckpoint(text, signer.publicKey, signer.origin)

describe('checkpoints', () => {
  it('verify with their key and say what they say', () => {
    expect(check(note)).toEqual({ ok: true, head: { ...head, origin: 'sallyport.example/log' } })
  })

  it('have the key id and verifier key of the C2SP note format', () => {
    // Example of the signed-note specification.
    const name = 'PeterNeumann'
    const bytes = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64')
    expect(noteKeyId(name, bytes.subarray(1))).toBe('c74f20a3')
    expect(verifierKey(name, bytes.subarray(1))).toBe(
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    )
  })

  it('T-164: another key, another origin and another signer of our name do not count', () => {
    const thief = createCheckpointSigner(key(), 'sallyport.example/log')
    expect(check(thief.sign(head))).toMatchObject({ ok: false, fault: 'unknown-key' })
    const other = createCheckpointSigner(key(), 'sallyport.example/other')
    expect(check(other.sign(head))).toMatchObject({ ok: false, fault: 'origin' })
    const lookAlike = createCheckpointSigner(key(), 'sa\u04cfyport.example/log')
    expect(check(lookAlike.sign(head))).toMatchObject({ ok: false, fault: 'origin' })
    const parsed = parseNote(note)
    const second = parseNote(thief.sign(head))
    expect(parsed && second).toBeTruthy()
    if (!parsed || !second) return
    const both = formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...second.signatures] })
    expect(check(both)).toMatchObject({ ok: false, fault: 'unknown-key' })
  })

  it('T-164: a witness line is allowed, a doubled one is not', () => {
    const parsed = parseNote(note)
    if (!parsed) throw new Error('the note does not parse')
    const witness = { name: 'witness.example', keyId: '01020304', signature: new Uint8Array(72) }
    expect(check(formatNote({ text: parsed.text, signatures: [...parsed.signatures, witness] })).ok).toBe(true)
    expect(check(formatNote({ text: parsed.text, signatures: [...parsed.signatures, witness, witness] })).ok).toBe(
      false,
    )
  })

  it.each([
    ['an extra line', note.replace('\n\n', '\nextra\n\n')],
    ['a blank line in the text', note.replace('\n12\n', '\n\n12\n')],
    ['CRLF', note.replaceAll('\n', '\r\n')],
    ['no last line feed', note.slice(0, -1)],
    ['two last line feeds', `${note}\n`],
    ['a leading zero', note.replace('\n12\n', '\n012\n')],
    ['a sign', note.replace('\n12\n', '\n+12\n')],
    ['a size beyond 2^53', note.replace('\n12\n', '\n99999999999999999\n')],
    ['a shorter root', note.replace(/\n[A-Za-z0-9+/]{43}=\n/, '\nAAAA\n')],
    ['loose base64', note.replace(/=\n/, '==\n')],
    ['an invisible character', note.replace('example', 'exam\u200eple')],
    ['a separator', note.replace('example', 'example\u2028')],
    ['a hyphen for the dash', note.replace('\u2014', '-')],
    ['nothing', ''],
    ['only text', note.split('\n\n')[0] ?? ''],
  ])('T-164: a note with %s is refused', (_, text) => {
    expect(text).not.toBe(note)
    expect(check(text).ok).toBe(false)
  })

  it('T-164: no change of a single character passes', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: note.length - 1 }),
        fc.string({ minLength: 0, maxLength: 2, unit: 'binary' }),
        (at, put) => {
          const changed = note.slice(0, at) + put + note.slice(at + 1)
          if (changed !== note) expect(check(changed).ok).toBe(false)
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('T-164: what parses prints as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (noise) => {
        const parsed = parseNote(noise)
        if (parsed) expect(formatNote(parsed)).toBe(noise)
        const text = parseCheckpointText(noise)
        expect(text).toBeUndefined()
      }),
    )
    expect(formatNote(parseNote(note) as never)).toBe(note)
  })
})
