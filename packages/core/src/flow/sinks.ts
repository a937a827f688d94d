import { normalWords } from './normal.ts'
import { webAddressesIn } from './urls.ts'

const SEPARATORS = /[\r\n,;]+/
const DISPLAY = /^(.*?)<([^<>]*)>$/

/**
 * What a sink leaf names: every address or place in it, and what is left over (T-102). A leaf that names one thing gives one. The
 * parts keep their case.
 */
export function sinkParts(value: string): readonly string[] {
  if (!/[,;\r\n<]/.test(value) || /^https?:\/\/[^\s<>]+$/i.test(value)) return [value.trim()]
  const parts: string[] = []
  for (const piece of value.split(SEPARATORS)) {
    const shown = DISPLAY.exec(piece.trim())
    if (shown === null) parts.push(piece.trim())
    else parts.push((shown[2] ?? '').trim(), (shown[1] ?? '').replaceAll('"', '').trim())
  }
  return parts.filter((part) => part !== '')
}

/** Words that say nothing about who or which (T-098): they resolve through the address book or not at all. */
const GENERIC: ReadonlySet<string> = new Set(
  `a about above admin after again all also am an and any anybody anyone are as at be been before being below best between big boss both but by can channel client come company could customer day days default did do does domain done down each else email end ever every everybody everyone false few file first folder for friend from get give go going good got group guest had has have head her here him home how i i'm id if in internet into is it item its just keep know large last later latest least left let like link list long look made mail main make manager many master may me member members message might more most much must my name need new next no nobody none note nothing now null of off often ok okay old on once one only open or org organization other others our out over own owner page part party people person please post private public put read really record report right said same say see self send set shall she should show side since site small so some someone something soon staff still such take team tell test than that the their them then there these they thing things think this those through time to today together told tomorrow too true under until up upon us use used user users using very via want was way we web week well were what when where whether which while who whole whom why will with within without work workspace world would yes yesterday yet you your`.split(
    ' ',
  ),
)

export const isGeneric = (value: string): boolean => {
  const normal = normalWords(value).replace(/^[#@]/, '')
  return GENERIC.has(normal) || normal.replace(/[^\p{L}\p{N}]/gu, '').length < 2
}

const MOST = 256
/** Most characters that are looked through. */
const LONGEST = 262_144
const MAIL = /[^\s<>"'(),;:@/\\[\]=?&]{1,64}@(?:[\p{L}\p{N}_-]{1,63}\.){1,8}[\p{L}]{2,24}/gu
const ACCOUNT =
  /(?<![\p{L}\p{N}])(?:[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?|\+?\d(?:[ -]?\d){8,33})(?![\p{L}\p{N}])/gu
const TIMESTAMP = /^(?:19|20)\d{2}-?[01]\d-?[0-3]\d/
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|colon|sol|period|commat|nbsp|lt|gt|quot));?/gi
const NAMED: Readonly<Record<string, string>> = Object.assign(Object.create(null) as Record<string, string>, {
  amp: '&',
  colon: ':',
  sol: '/',
  period: '.',
  commat: '@',
  nbsp: ' ',
  lt: '<',
  gt: '>',
  quot: '"',
})

/**
 * Where a text would lead whoever reads or renders it: web addresses, mail addresses and account numbers (T-103), read as a
 * renderer reads them. `isWhole` is false when there were more than are looked at.
 */
export function contentSinks(text: string): { readonly sinks: readonly string[]; readonly isWhole: boolean } {
  if (!mayLead(text)) return NOWHERE
  const shown = rendered(text.slice(0, LONGEST))
  const found = new Set<string>()
  let isWhole = text.length <= LONGEST
  const note = (value: string): boolean => {
    const fits = found.size < MOST
    if (fits) found.add(value)
    else isWhole = false
    return fits
  }
  for (const each of webAddressesIn(shown)) if (!note(each.text)) break
  for (const [mail] of shown.matchAll(MAIL)) if (!note(mail)) break
  for (const [account] of shown.matchAll(ACCOUNT)) if (!TIMESTAMP.test(account) && !note(account)) break
  return { sinks: [...found], isWhole }
}

const NOWHERE = Object.freeze({ sinks: Object.freeze([]), isWhole: true })

/** A quick look: something like a domain, an address, a long number, or characters that a renderer turns into them. */
function mayLead(text: string): boolean {
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 128 || code === 64 || (code === 38 && /[#a-z]/i.test(text[at + 1] ?? ''))) return true
    if (code >= 48 && code <= 57) {
      if (++digits >= 9) return true
    } else if (code === 46) {
      const next = text.charCodeAt(at + 1) | 32
      const before = text.charCodeAt(at - 1) | 32
      if (next >= 97 && next <= 122 && ((before >= 97 && before <= 122) || digits > 0)) return true
    } else if (code !== 32 && code !== 45) digits = 0
  }
  return false
}

function rendered(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = /[^\u0000-\u007f]/.test(text)
    ? text
        .normalize('NFKC')
        .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
        .replace(/[。｡]/gu, '.')
    : text
  if (!plain.includes('&')) return plain
  return plain.replace(ENTITY, (all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? all
    const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal)
    return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : ' '
  })
}
