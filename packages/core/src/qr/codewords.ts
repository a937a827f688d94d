/** By version 1 to 10: codewords in all, those for correction in a block and blocks at level M (ISO/IEC 18004:2015, tables 1 and 9). */
const VERSIONS = [
  ...([
    [26, 10, 1],
    [44, 16, 1],
    [70, 26, 1],
    [100, 18, 2],
    [134, 24, 2],
  ] as const),
  ...([
    [172, 16, 4],
    [196, 18, 4],
    [242, 22, 4],
    [292, 22, 5],
    [346, 26, 5],
  ] as const),
]

/** The smallest version that holds so many bytes; undefined where not even version 10 does. */
export function versionFor(length: number): number | undefined {
  const at = VERSIONS.findIndex((_, nth) => length <= roomOf(nth) - (nth < 9 ? 2 : 3))
  return at < 0 ? undefined : at + 1
}

/** All bits of a code in the order in which they are drawn. */
export const drawnBits = (bytes: readonly number[], version: number): readonly boolean[] =>
  interleaved(dataOf(bytes, version), version).flatMap((word) => bitsOf(word, 8))

const roomOf = (at: number): number => {
  const [all = 0, correction = 0, blocks = 0] = VERSIONS[at] ?? []
  return all - correction * blocks
}
const bitsOf = (value: number, length: number): readonly boolean[] =>
  Array.from({ length }, (_, at) => ((value >>> (length - 1 - at)) & 1) === 1)

/** Codewords of the data: mode, length, bytes, end, and what fills up (7.4). */
function dataOf(bytes: readonly number[], version: number): readonly number[] {
  const room = roomOf(version - 1)
  const count = version < 10 ? 8 : 16
  const bits = [...bitsOf(0b0100, 4), ...bitsOf(bytes.length, count), ...bytes.flatMap((byte) => bitsOf(byte, 8))]
  bits.push(...bitsOf(0, Math.min(4, room * 8 - bits.length)))
  while (bits.length % 8 !== 0) bits.push(false)
  const words = Array.from({ length: bits.length / 8 }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((word, bit) => word * 2 + Number(bit), 0),
  )
  return [...words, ...Array.from({ length: room - words.length }, (_, at) => (at % 2 === 0 ? 0xec : 0x11))]
}

/** Blocks with their correction, one codeword of each in turn (7.6). */
function interleaved(data: readonly number[], version: number): readonly number[] {
  const [, correction = 0, blocks = 1] = VERSIONS[version - 1] ?? []
  const short = Math.floor(data.length / blocks)
  const longOnes = data.length % blocks
  const parts = Array.from({ length: blocks }, (_, at) => {
    const extra = Math.max(0, at - (blocks - longOnes))
    return data.slice(at * short + extra, (at + 1) * short + extra + (at >= blocks - longOnes ? 1 : 0))
  })
  const turn = (of: readonly (readonly number[])[]): readonly number[] =>
    Array.from({ length: Math.max(...of.map(({ length }) => length)) }, (_, at) =>
      of.flatMap((part) => part[at] ?? []),
    ).flat()
  return [...turn(parts), ...turn(parts.map((part) => correctionOf(part, correction)))]
}

/** Product in GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) product = (product << 1) ^ ((product >>> 7) * 0x11d) ^ (((b >>> bit) & 1) * a)
  return product
}

/** Reed–Solomon codewords of a block (7.5). */
export function correctionOf(block: readonly number[], length: number): readonly number[] {
  let divisor = [...Array.from({ length: length - 1 }, () => 0), 1]
  for (let n = 0, root = 1; n < length; n++, root = times(root, 2))
    divisor = divisor.map((each, at) => times(each, root) ^ (divisor[at + 1] ?? 0))
  return block.reduce<readonly number[]>(
    (rest, word) => {
      const factor = word ^ (rest[0] ?? 0)
      return divisor.map((each, at) => (rest[at + 1] ?? 0) ^ times(each, factor))
    },
    divisor.map(() => 0),
  )
}

/** `bits`, followed by what a BCH code of `degree` adds (annexes C and D). */
export function withCheck(bits: number, degree: number, generator: number): number {
  let rest = bits
  for (let n = 0; n < degree; n++) rest = (rest << 1) ^ ((rest >>> (degree - 1)) * generator)
  return (bits << degree) | rest
}
