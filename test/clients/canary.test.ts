import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CanaryScan } from './canary.ts'

const VALUE = 'sk-canary+of/the=scan-0123456789'
const place = mkdtempSync(join(tmpdir(), 'sallyport-canary-'))
afterAll(() => rmSync(place, { recursive: true }))
const scan = (): CanaryScan => new CanaryScan({ it: VALUE })

describe('the scan for canaries finds what it is for', () => {
  it.each<[string, string | Buffer]>([
    ['as it is', `x${VALUE}y`],
    ['as engines hold it', Buffer.from(`xy${VALUE}z`, 'utf16le')],
    ['in a URL', encodeURIComponent(VALUE)],
    ['in a header of HTTP', Buffer.from(`user:${VALUE}`).toString('base64')],
    ['in a header, one off', Buffer.from(`user1:${VALUE}!`).toString('base64')],
    ['in a header, two off', Buffer.from(`user12:${VALUE}!!`).toString('base64url')],
    ['in hex', Buffer.from(VALUE).toString('hex')],
    ['in upper-case hex', Buffer.from(VALUE).toString('hex').toUpperCase()],
    ['backwards', Array.from(VALUE).reverse().join('')],
  ])('%s', (_how, what) => {
    expect(scan().look('here', what).hits[0]).toMatchObject({ where: 'here' })
  })

  it('across the pieces of a large file, and in a name', () => {
    const large = Buffer.alloc(9 * 2 ** 20)
    large.write(VALUE, 8 * 2 ** 20 - 7)
    writeFileSync(join(place, 'large'), large)
    writeFileSync(join(place, encodeURIComponent(VALUE)), '')
    const found = scan().directory(place)
    expect(new Set(found.hits.map(({ where }) => where))).toEqual(new Set([join(place, 'large'), 'a name of a file']))
    expect(found.files).toBe(2)
  })

  it('and nothing else', () => {
    expect(scan().look('here', `${VALUE.slice(1)} ${VALUE.slice(0, -1)}`).hits).toEqual([])
    expect(() => new CanaryScan({ it: 'short' })).toThrow(/too short/)
  })
})
