import { drawnBits, versionFor, withCheck } from './codewords.ts'

/** Rows of modules, true where it is dark, without the quiet zone of four. */
export type QrCode = readonly (readonly boolean[])[]

/** Centres of the alignment patterns by version (annex E). */
const ALIGNED = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]]
/** Conditions of table 10 under which a module is turned over. */
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

/** The QR code of a text: byte mode, UTF-8, level M, versions 1 to 10; undefined for more than 213 bytes (ISO/IEC 18004:2015). */
export function qrCode(text: string): QrCode | undefined {
  const bytes = [...new TextEncoder().encode(text)]
  const version = versionFor(bytes.length)
  if (version === undefined) return undefined
  const bits = drawnBits(bytes, version)
  const drawn = MASKS.map((_, mask) => draw(version, bits, mask))
  return drawn.reduce((best, one) => (penalty(one) < penalty(best) ? one : best))
}

function draw(version: number, bits: readonly boolean[], mask: number): QrCode {
  const size = 17 + 4 * version
  const rows: (boolean | undefined)[][] = Array.from({ length: size }, () => Array.from({ length: size }))
  const put = (x: number, y: number, isDark: boolean): void => {
    const row = rows[y]
    if (row !== undefined && x >= 0 && x < size) row[x] = isDark
  }
  /** Squares in one another around a centre; `light` is the distance of the ring that is not dark. */
  const square = (cx: number, cy: number, reach: number, light: readonly number[]): void => {
    for (let y = -reach; y <= reach; y++)
      for (let x = -reach; x <= reach; x++) put(cx + x, cy + y, !light.includes(Math.max(Math.abs(x), Math.abs(y))))
  }
  for (let n = 0; n < size; n++) {
    put(6, n, n % 2 === 0)
    put(n, 6, n % 2 === 0)
  }
  const centres = ALIGNED[version - 1] ?? []
  const last = centres.length - 1
  for (const [i, x] of centres.entries())
    for (const [j, y] of centres.entries())
      if (!((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0))) square(x, y, 2, [1])
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    square(x, y, 4, [2, 4])
  // level M is 00
  const format = withCheck(mask, 10, 0x537) ^ 0x5412
  for (let n = 0; n < 15; n++) {
    const isDark = ((format >>> n) & 1) === 1
    put(8, n < 6 ? n : n < 8 ? n + 1 : size - 15 + n, isDark)
    put(n < 8 ? size - 1 - n : n === 8 ? 7 : 14 - n, 8, isDark)
  }
  put(8, size - 8, true)
  if (version >= 7)
    for (let n = 0, code = withCheck(version, 12, 0x1f25); n < 18; n++) {
      const [a, b] = [size - 11 + (n % 3), Math.floor(n / 3)]
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const)
        put(x, y, ((code >>> n) & 1) === 1)
    }
  let next = 0
  for (let right = size - 1; right >= 1; right -= right === 8 ? 3 : 2)
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const y = (((right > 6 ? right : right + 1) + 1) & 2) === 0 ? size - 1 - step : step
        if (rows[y]?.[x] === undefined) put(x, y, (bits[next++] ?? false) !== (MASKS[mask]?.(x, y) ?? false))
      }
  return rows.map((row) => row.map((isDark) => isDark === true))
}

/** What makes it hard to read: runs, blocks, what looks like a finder, too much of one colour (7.8.3). */
export function penalty(code: QrCode): number {
  const across = code.map((row) => row.map(Number).join(''))
  const down = code.map((_, x) => code.map((row) => Number(row[x])).join(''))
  let points = 0
  for (const line of [...across, ...down]) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2
    points += 40 * [...`0000${line}0000`.matchAll(/(?=10111010000|00001011101)/g)].length
  }
  for (const [y, row] of code.entries())
    for (const [x, isDark] of row.entries())
      if (x > 0 && y > 0 && [row[x - 1], code[y - 1]?.[x], code[y - 1]?.[x - 1]].every((one) => one === isDark))
        points += 3
  const share = across.join('').replaceAll('0', '').length / code.length ** 2
  return points + 10 * Math.floor(Math.abs(share * 20 - 10))
}
