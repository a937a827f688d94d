import { unicodeHost } from './punycode.ts'
import { skeleton } from './skeleton.ts'

export interface HostScripts {
  /** Some label is not ASCII. */
  readonly idn: boolean
  /** Some label mixes scripts as no language does (UTS 39 §5.2, highly restrictive). */
  readonly mixed: boolean
  /** Some label that is not ASCII reads like one that is: `xn--80ak6aa92e` reads `apple`. */
  readonly readsAscii: boolean
}

const SCRIPTS: ReadonlyMap<string, RegExp> = new Map(
  'Latin Greek Cyrillic Armenian Georgian Hebrew Arabic Devanagari Bengali Tamil Thai Ethiopic Cherokee Han Hiragana Katakana Hangul Bopomofo'
    .split(' ')
    .map((script) => [script, new RegExp(`\\p{Script_Extensions=${script}}`, 'u')]),
)
const NEUTRAL = /^[\p{Script=Common}\p{Script=Inherited}]*$/u
/** Combinations that ordinary text of one language uses. */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
]

/** What scripts a canonical host is written in. */
export function labelScripts(host: string): HostScripts {
  const labels = unicodeHost(host)
    .split('.')
    .filter((label) => !isAscii(label))
  return {
    idn: labels.length > 0,
    mixed: labels.some(mixes),
    readsAscii: labels.some((label) => isAscii(skeleton(label))),
  }
}

// eslint-disable-next-line no-control-regex
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text)

function mixes(label: string): boolean {
  const fits = (scripts: Iterable<string>): boolean => {
    const rest = [...scripts].reduce((left, script) => left.replace(everyOf(script), ''), label)
    return NEUTRAL.test(rest)
  }
  const single = [...SCRIPTS.keys()].some((script) => fits([script]))
  return !single && !TOGETHER.some(fits) && [...SCRIPTS.values()].some((script) => script.test(label))
}

const everyOf = (script: string): RegExp => new RegExp(SCRIPTS.get(script)?.source ?? '$^', 'gu')
