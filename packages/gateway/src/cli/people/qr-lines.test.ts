import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { qrLines } from './qr-lines.ts'

const LINK = `https://gate.meridian.example:7443/setup#${'t'.repeat(43)}`
const LOOK = { width: 80, color: false, ascii: false }

/** The modules that stand on the screen, read back without the quiet zone. */
function read(lines: readonly string[], isDark: (on: boolean) => boolean): readonly string[] {
  const rows = lines.flatMap((line) => {
    // oxlint-disable-next-line no-control-regex
    const signs = [...line.replaceAll(/\u001b\[[0-9;]*m/g, '')]
    return ['█▀', '█▄'].map((half) => signs.map((sign) => Number(isDark(half.includes(sign)))).join(''))
  })
  const size = rows[0]?.length ?? 0
  return rows.slice(4, size - 4).map((row) => row.slice(4, -4))
}

it('T-007: the code on the screen is that of the link, with colour and without, and nothing more', () => {
  const wanted = encode(LINK, { ecc: 'M', border: 0 }).data.map((row) => row.map(Number).join(''))
  expect(read(qrLines(LINK, LOOK), (on) => !on)).toEqual(wanted)
  expect(read(qrLines(LINK, { ...LOOK, color: true }), (on) => on)).toEqual(wanted)
  expect(qrLines(LINK, LOOK).join('')).toMatch(/^[█▀▄ ]+$/)
})

it('its quiet zone is four modules on each side, and no line is wider than the terminal', () => {
  const lines = qrLines(LINK, { ...LOOK, color: true })
  const size = encode(LINK, { ecc: 'M', border: 4 }).size
  expect(lines.every((line) => line.startsWith('\u001b[30;107m    ') && line.endsWith('    \u001b[0m'))).toBe(true)
  expect(lines.length).toBe(Math.ceil(size / 2))
  expect(qrLines(LINK, { ...LOOK, width: size })).not.toEqual([])
  expect(qrLines(LINK, { ...LOOK, width: size - 1 })).toEqual([])
})

it.each(['https://sallyport.localhost:7443/setup#t', 'https://127.0.0.1:7443/setup#t', 'https://[::1]:7443/setup#t'])(
  'no code of an address that only this machine has: %s',
  (link) => expect(qrLines(link, LOOK)).toEqual([]),
)

it('none in a terminal without such signs, and none for a link that is too long', () => {
  expect(qrLines(LINK, { ...LOOK, ascii: true })).toEqual([])
  expect(qrLines(LINK + 'x'.repeat(200), LOOK)).toEqual([])
})
