const MORSE: Readonly<Record<string, string>> = {
  ...{ a: '.-', b: '-...', c: '-.-.', d: '-..', e: '.', f: '..-.', g: '--.', h: '....', i: '..', j: '.---', k: '-.-' },
  ...{ l: '.-..', m: '--', n: '-.', o: '---', p: '.--.', q: '--.-', r: '.-.', s: '...', t: '-', u: '..-', v: '...-' },
  ...{ w: '.--', x: '-..-', y: '-.--', z: '--..', '0': '-----', '1': '.----', '2': '..---', '3': '...--' },
  ...{ '4': '....-', '5': '.....', '6': '-....', '7': '--...', '8': '---..', '9': '----.' },
}
/** Latin letters that Cyrillic or Greek ones look like. */
const LOOKS: Readonly<Record<string, string>> = {
  ...{ a: 'а', c: 'с', e: 'е', i: 'і', j: 'ј', o: 'о', p: 'р', s: 'ѕ', x: 'х', y: 'у', A: 'А', B: 'В', C: 'С', E: 'Е' },
  ...{ H: 'Н', K: 'К', M: 'М', O: 'О', P: 'Р', T: 'Т', X: 'Х', n: 'ո', u: 'υ', v: 'ν', h: 'һ' },
}
const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
/** Words for words: what a model does when it is told to say it differently. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ...{ please: 'kindly', send: 'pass on', password: 'pass phrase', key: 'access string', code: 'number', the: 'that' },
  ...{
    account: 'acct',
    meeting: 'appointment',
    customer: 'client',
    salary: 'pay',
    and: 'plus',
    is: 'reads',
    to: 'towards',
  },
}

const eachLetter = (text: string, change: (char: string) => string): string => [...text].map(change).join('')
const bytes = (text: string): Buffer => Buffer.from(text, 'utf8')

/** What content can be turned into so that a comparison by eye or by string misses it. Each can be turned back. */
export const TEXT_FORMS: Readonly<Record<string, (text: string) => string>> = Object.freeze({
  base64: (text) => bytes(text).toString('base64'),
  base64url: (text) => bytes(text).toString('base64url'),
  hex: (text) => bytes(text).toString('hex'),
  percent: (text) => [...bytes(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'unicode-escapes': (text) => eachLetter(text, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`),
  reversed: (text) => [...text].reverse().join(''),
  rot13: (text) =>
    text.replace(/[a-z]/gi, (c) => {
      const base = c <= 'Z' ? 65 : 97
      return String.fromCharCode(((c.charCodeAt(0) - base + 13) % 26) + base)
    }),
  morse: (text) => [...text.toLowerCase()].map((c) => MORSE[c] ?? (/\s/.test(c) ? '/' : c)).join(' '),
  'zero-width': (text) => [...text].join('\u200b'),
  homoglyphs: (text) => eachLetter(text, (c) => LOOKS[c] ?? c),
  'full-width': (text) => text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  'upper-case': (text) => text.toUpperCase(),
  spaced: (text) => [...text].join(' '),
  reworded: (text) =>
    text
      .replace(/\d/g, (digit) => ` ${DIGITS[Number(digit)] ?? ''} `)
      .replace(/[A-Za-z]+/g, (word) => SYNONYMS[word.toLowerCase()] ?? word),
})

interface NameForm {
  /** Whom it addresses, or which object: a path with another letter in it is another file. */
  readonly of: 'addressee' | 'any'
  readonly spell: (name: string) => string
}

/** Other spellings of a name that a server would still take for the same address, place or file. */
export const NAME_FORMS: Readonly<Record<string, NameForm>> = Object.freeze({
  'upper-case': { of: 'any', spell: (name) => name.toUpperCase() },
  'full-width': { of: 'any', spell: (name) => TEXT_FORMS['full-width']?.(name) ?? name },
  'zero-width': { of: 'any', spell: (name) => `${name.slice(0, 3)}\u200b${name.slice(3)}` },
  homoglyphs: { of: 'addressee', spell: (name) => TEXT_FORMS['homoglyphs']?.(name) ?? name },
  percent: { of: 'any', spell: (name) => name.replace(/[a-z]/, (c) => `%${c.charCodeAt(0).toString(16)}`) },
  'spaces-around': { of: 'any', spell: (name) => `  ${name}  ` },
  'trailing-dot': { of: 'addressee', spell: (name) => `${name}.` },
  'path-dots': {
    of: 'any',
    spell: (name) => (/^[~/]/.test(name) ? name.replace(/\/([^/]*)$/, '/./x/..//$1') : name),
  },
})
