import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { correctionOf, withCheck } from './codewords.ts'
import { penalty, qrCode, type QrCode } from './qr.ts'

const textOf = (code: QrCode | undefined): string => (code ?? []).map((row) => row.map(Number).join('')).join('\n')
const digestOf = (code: QrCode | undefined): string => createHash('sha256').update(textOf(code)).digest('hex')
const address = (length: number): string => 'https://example.test/'.repeat(20).slice(0, length)

describe('parts that the standard prints', () => {
  it('ISO/IEC 18004 7.5: correction of the well-known 1-M block', () => {
    const block = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17]
    expect(correctionOf(block, 10)).toEqual([196, 35, 39, 119, 235, 215, 231, 226, 93, 23])
  })

  it('ISO/IEC 18004 annex C and D: format information of level M with each mask, version information of 7 to 10', () => {
    const formats = Array.from({ length: 8 }, (_, mask) => withCheck(mask, 10, 0x537) ^ 0x5412)
    expect(formats).toEqual([0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0])
    const versions = [7, 8, 9, 10].map((version) => withCheck(version, 12, 0x1f25))
    expect(versions).toEqual([0x07c94, 0x085bc, 0x09a99, 0x0a4d3])
  })
})

describe('codes', () => {
  it('the one of a word, module by module', () => {
    expect(textOf(qrCode('Sallyport')).replaceAll('0', '.').replaceAll('1', '#').split('\n')).toEqual([
      '#######...###.#######',
      '#.....#..###..#.....#',
      '#.###.#.###...#.###.#',
      '#.###.#.#.###.#.###.#',
      '#.###.#.##..#.#.###.#',
      '#.....#.####..#.....#',
      '#######.#.#.#.#######',
      '........#............',
      '#.#####..###..#####..',
      '#.#......####...#.#.#',
      '#..#####..#.#.#..###.',
      '.#.##...##.###..#####',
      '###..##.....###.#....',
      '........###.##.###.#.',
      '#######...##......##.',
      '#.....#.###....#.###.',
      '#.###.#.####...#....#',
      '#.###.#.#..####.##...',
      '#.###.#.###.#.#...#..',
      '#.....#...#####..##..',
      '#######.#...#..###.#.',
    ])
  })

  // digests of what another encoder draws of the same bytes at level M with the same mask
  it.each([
    [1, 21, '848f621f7ecfca7e8abac5667957ac0b8ca2bcec6a91aa72d50e535501840768'],
    [14, 21, '381f465cecde7ad39bf7b787cf0885090a3676e17565d994d2d5286dbc87d060'],
    [15, 25, 'b4a746832b73743ff0438f342501bd5497c9a517bb003f64743c2d3c3689b605'],
    [26, 25, 'a999d1e2c22ef3bb6254030156909c3f484e337918f5c9378430bd5e0c9602c6'],
    [42, 29, 'd9df59a9c2ec23fa9535c22af2a40b652f21990fcd4f65542cc4f8a8912c45a1'],
    [62, 33, 'ef65d0b2e5058dccdee26d6f170f636fdfbd8c1d01a48b24d2f912390756129c'],
    [84, 37, '89d5d17fd0cd2655e81c804dc02990e7577c381f1dae2cc051664ab385a874ef'],
    [106, 41, '8a5d134001cd6c1adc12e79a035414a9c5765a22d413bc3cd5e0b8e89a157b37'],
    [122, 45, '6facb7727eb1761c6876840f4543ac594434008ed6d0d59d8e1566a8f08660bc'],
    [152, 49, '073d11fa47bc544161ba9d4e1b4403befc17260f27ce8c16f0fa7ab308e0958e'],
    [180, 53, '24cb3f72bbccccc60673221d884cf0cbd9e2299c0da956374bba9f6bf4016c61'],
    [181, 57, '1cccbbf8ab85979afe2ea1a4c537270ebc781ed964d87c9d60d1953d36a2351c'],
    [213, 57, '1bcda6c377f54110da7248e9022514d290d08311aaddc26982ccf357db971c3d'],
  ])('an address of %i bytes is %i modules wide', (length, size, digest) => {
    const code = qrCode(address(length))
    expect([code?.length, digestOf(code)]).toEqual([size, digest])
  })

  it('what does not fit is no code, and letters outside ASCII count as their bytes', () => {
    expect(qrCode(address(214))).toBeUndefined()
    expect(qrCode('ü'.repeat(106))?.length).toBe(57)
    expect(qrCode('ü'.repeat(107))).toBeUndefined()
  })

  it('another letter is another code: nothing but the text is in it', () => {
    expect(digestOf(qrCode('https://a.test/#1'))).not.toBe(digestOf(qrCode('https://a.test/#2')))
    expect(digestOf(qrCode('https://a.test/#1'))).toBe(digestOf(qrCode('https://a.test/#1')))
  })
})

describe('ISO/IEC 18004 7.8.3: points against a code', () => {
  const square = (...rows: string[]): QrCode => rows.map((row) => [...row].map((module) => module === '#'))

  it('runs, blocks and finders count, and an even mix does not', () => {
    expect(penalty(square('#.', '.#'))).toBe(0)
    // two rows and two columns of one colour, one block, nothing but dark
    expect(penalty(square('##', '##'))).toBe(3 + 100)
    // runs of five across and down: 3 each; 16 blocks: 3 each; all dark
    expect(penalty(square(...Array.from({ length: 5 }, () => '#####')))).toBe(10 * 3 + 16 * 3 + 100)
    // a finder across, light on both sides of it, costs 80 more than the same modules in another order
    const line = (middle: string): QrCode => square(middle, ...['.#.#.#.', '#.#.#.#'].flatMap((row) => [row, row, row]))
    expect(penalty(line('#.###.#')) - penalty(line('##.#.##'))).toBeGreaterThanOrEqual(80 - 12)
  })
})
