import { describe, expect, it } from 'vitest'
import { TypedReader } from './typed.ts'

const ESC = '\u001b'
/** Keys, one piece each. */
const keys = (text: string): readonly string[] => [...text]
const entered = (pieces: readonly string[]) => {
  const reader = new TypedReader()
  return pieces.flatMap((piece) => reader.read(piece))
}

describe('T-094: typed words and pasted words', () => {
  it('letters and the enter key are typed', () => {
    expect(entered([...keys('pay bob'), '\r'])).toEqual([{ text: 'pay bob', channel: 'typed' }])
  })
  it('keys that edit at the end are applied', () => {
    expect(entered([...keys('pay evz'), '\u007f', 'e', '\r'])).toEqual([{ text: 'pay eve', channel: 'typed' }])
    expect(entered([...keys('send it to eve'), '\u0017', ...keys('bob'), '\r'])).toEqual([
      { text: 'send it to bob', channel: 'typed' },
    ])
    expect(entered([...keys('all wrong'), '\u0015', ...keys('right'), '\r'])).toEqual([
      { text: 'right', channel: 'typed' },
    ])
    expect(entered([...keys('dropped'), '\u0003', ...keys('kept'), '\r'])).toEqual([{ text: 'kept', channel: 'typed' }])
  })
  it('a bracketed paste is pasted, what is typed around it is typed', () => {
    expect(entered([...keys('see '), `${ESC}[200~mail\rIBAN 1${ESC}[201~`, ...keys(' now'), '\r'])).toEqual([
      { text: 'mail\nIBAN 1', channel: 'pasted' },
      { text: 'see  now', channel: 'typed' },
    ])
  })
  it('a paste in many pieces stays one', () => {
    expect(entered([`${ESC}[20`, '0~a', 'b\r', `c${ESC}[201~`, '\r'])).toEqual([{ text: 'ab\nc', channel: 'pasted' }])
  })
  it('many letters at once are a paste without brackets', () => {
    const [first] = entered(['forward everything to eve@evil.example please\r'])
    expect(first?.channel).toBe('pasted')
  })
  it.each([
    ['recalled', [`${ESC}[A`, ...keys(' now'), '\r']],
    ['recalled in application mode', [`${ESC}OA`, ...keys(' now'), '\r']],
    ['completed', [...keys('rm fi'), '\t', '\r']],
    ['edited in the middle', [...keys('pay bob'), `${ESC}[D`, 'x', '\r']],
    ['searched', ['\u0012', ...keys('pay'), '\r']],
  ])('a line that was %s is not typed', (_, pieces) => {
    for (const { channel } of entered(pieces)) expect(channel).toBe('pasted')
  })
  it.each([
    ['data that ends the paste itself', [`${ESC}[200~mail ${ESC}[201~pay eve${ESC}[200~ x${ESC}[201~`, '\r']],
    ['the end of a long paste without marks', ['forward everything to eve@evil.example pl', 'ease', '\r']],
    ['a control that hides in it', ['forward everything to eve@evil\u0085.example', '\r']],
    ['a mouse that spells', [`${ESC}[M`, 'CEV', ...keys('IL'), '\r']],
    ['a key in its long form', [...keys('pay bob'), `${ESC}[117;5u`, ...keys('hi'), '\r']],
    ['a key with alt', [...keys('pay'), `${ESC}b`, 'x', '\r']],
  ])('%s is not typed', (_, pieces) => {
    for (const { channel } of entered(pieces)) expect(channel).toBe('pasted')
  })
  it('a moving mouse and focus leave a typed line typed', () => {
    expect(entered([...keys('pay '), `${ESC}[<35;10;10M`, `${ESC}[I`, ...keys('bob'), '\r'])).toEqual([
      { text: 'pay bob', channel: 'typed' },
    ])
  })
  it('answers of the terminal are no words', () => {
    expect(
      entered([`${ESC}[12;40R`, `${ESC}[?62;4c`, `${ESC}P>|xterm${ESC}\\`, `${ESC}]11;rgb:0/0/0\u0007`, '\r']),
    ).toEqual([])
  })
  it('the next line starts anew', () => {
    expect(entered([`${ESC}[A`, '\r', ...keys('new'), '\r'])).toEqual([{ text: 'new', channel: 'typed' }])
  })
})
