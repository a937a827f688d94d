import { amountForms, isMoney } from './amounts.ts'
import { doubtAt, sentenceOf } from './doubt.ts'
import { casedWords, isPlainForm, normalWords } from './normal.ts'
import { isNumber, numberPlaces, wholePlaces, type Place } from './places.ts'
import { leadsTo, webAddress, webAddressesIn } from './urls.ts'

/**
 * How the user's words came (threat-model §4): `typed` over a channel that the agent cannot write to · `pasted` there, but not
 * keyed in · `relayed` by a host whose word another process could forge.
 */
export type WordsChannel = 'typed' | 'pasted' | 'relayed'

/** What the words say of a value. `ambiguous`: negated, asked about, quoted, pasted, or seen before in untrusted text. */
export type Mention = { readonly kind: 'named' | 'ambiguous'; readonly sentence: string; readonly why: string }

interface Utterance {
  /** Lower case; paragraphs are parted by NUL. */
  readonly text: string
  /** The same in the user's case. */
  readonly cased: string
  /** The same without what parts the groups of a number. */
  readonly compact: string
  /** As it was heard. */
  readonly raw: string
  readonly channel: WordsChannel
  /** Words that untrusted text held before they were heard. */
  readonly heldBefore: ReadonlySet<string>
  /** More of them than are remembered: then all are. */
  readonly allHeld: boolean
}

/** Most characters of words that are kept; what is older counts as never said. */
const KEPT = 262_144
/** Most distinct values that are remembered as seen before the words. */
const HELD = 20_000
/** Values whose mentions are remembered until more is heard. */
const CACHED = 512
const CACHED_LENGTH = 512
const UNSAID: Mention = { kind: 'ambiguous', sentence: '', why: '' }
/** Most words of a name that are looked at one after the other. */
const NAME_WORDS = 12
/** Most mentions of one value that are weighed, the newest first. */
const WEIGHED = 64

/**
 * The user's words of one agent instance. A value is the user's when it stands in them as a whole (T-098), in a sentence that
 * does not deny, question or quote it (T-097), and was not in untrusted text before (T-096). The newest word counts: what is
 * denied later is denied.
 */
export class UserWords {
  #utterances: Utterance[] = []
  #size = 0
  /** Runs of letters and digits in the words: what is not made of them was not said. */
  #runs = new Set<string>()
  #said = new Map<string, boolean>()
  #mentions = new Map<string, Mention>()

  get empty(): boolean {
    return this.#utterances.length === 0
  }

  /** @param held says whether untrusted text held a word before now */
  hear(words: string, channel: WordsChannel, held: (word: string) => boolean): void {
    const raw = words.slice(0, KEPT)
    const cased = paragraphs(raw).map(casedWords).join(' \u0000 ')
    const text = cased.toLowerCase()
    const heldBefore = new Set<string>()
    for (const word of new Set(cased.split(' ').map(trimWord))) {
      if (word !== '' && heldBefore.size < HELD && held(word)) heldBefore.add(word.toLowerCase())
    }
    const allHeld = heldBefore.size >= HELD
    this.#utterances.push({ text, cased, compact: text.replace(SEPARATORS, ''), raw, channel, heldBefore, allHeld })
    this.#size += text.length
    while (this.#size > KEPT && this.#utterances.length > 1) this.#size -= this.#utterances.shift()?.text.length ?? 0
    for (const run of runsOf(text)) this.#runs.add(run)
    this.#said = new Map()
    this.#mentions = new Map()
  }

  /** What the words say of a value, the newest mention first; nothing when it was not said. It may hold several tokens. */
  mention(value: string): Mention | undefined {
    const known = this.#mentions.get(value)
    if (known !== undefined) return known === UNSAID ? undefined : known
    const found = this.#find(value)
    if (value.length <= CACHED_LENGTH) {
      if (this.#mentions.size >= CACHED) this.#mentions.clear()
      this.#mentions.set(value, found ?? UNSAID)
    }
    return found
  }

  #find(value: string): Mention | undefined {
    if (this.#utterances.length === 0) return undefined
    const wanted = forms(value).filter((form) => this.#mayHold(form.text))
    if (wanted.length === 0) return undefined
    return this.#weigh((utterance) => wanted.flatMap((form) => placesOf(form, value, utterance)))
  }

  /** The same for an amount, however it is written. A short number or a year has to be called money. */
  mentionAmount(amount: number): Mention | undefined {
    const isBare = (Number.isInteger(amount) && amount < 1_000) || (amount >= 1_900 && amount <= 2_100)
    const wanted = amountForms(amount)
    return this.#weigh(({ text }) =>
      wanted.flatMap((form) =>
        [...wholePlaces(form, text)].filter(({ start, end }) => !isBare || isMoney(text, start, end)),
      ),
    )
  }

  #weigh(find: (utterance: Utterance) => readonly Place[]): Mention | undefined {
    let best: Mention | undefined
    for (let at = this.#utterances.length - 1; at >= 0; at--) {
      const utterance = this.#utterances[at] as Utterance
      const places = [...find(utterance)]
      for (const place of places.sort((a, b) => b.start - a.start).slice(0, WEIGHED)) {
        const why = whyDoubtful(utterance, place)
        const sentence = sentenceOf(utterance.text, place)
        if (why === '') return { kind: 'named', sentence, why }
        if (why === DENIED) return { kind: 'ambiguous', sentence, why }
        best ??= { kind: 'ambiguous', sentence, why }
      }
    }
    return best
  }

  /** True when the words hold at least two words of the name one after the other, and three in five of all its words. */
  saysMost(name: string): boolean {
    return this.#remember(`most ${name}`, () => {
      const wanted = nameWords(name)
      if (wanted.length > NAME_WORDS) return false
      for (let length = wanted.length; length >= 2 && length * 5 >= wanted.length * 3; length--) {
        for (let from = 0; from + length <= wanted.length; from++) {
          if (this.says(wanted.slice(from, from + length).join(' '))) return true
        }
      }
      return false
    })
  }

  /** True when the words hold this text as a whole and do not rule it out: for names of records, not for sinks. */
  says(value: string): boolean {
    return this.#remember(`all ${value}`, () => {
      const wanted = normalWords(value)
      if (wanted === '' || !this.#mayHold(wanted)) return false
      let said = false
      for (const utterance of this.#utterances) {
        for (const place of wholePlaces(wanted, utterance.text)) {
          if (doubtAt(utterance.text, place) === 'denied') said = false
          else if (!wasHeld(utterance, place)) said = true
        }
      }
      return said
    })
  }

  /** A quick look: the words hold every run of letters and digits of it, or all of its digits in a row. */
  #mayHold(wanted: string): boolean {
    if (isNumber(wanted)) {
      const compact = wanted.replace(SEPARATORS, '')
      return this.#utterances.some((utterance) => utterance.compact.includes(compact))
    }
    RUN.lastIndex = 0
    for (let run = RUN.exec(wanted); run !== null; run = RUN.exec(wanted)) if (!this.#runs.has(run[0])) return false
    return true
  }

  #remember(key: string, find: () => boolean): boolean {
    const known = this.#said.get(key)
    if (known !== undefined) return known
    const found = find()
    if (this.#said.size < HELD) this.#said.set(key, found)
    return found
  }
}

/** Paragraphs; what stands behind a colon, and the items of a list, belong to what is above. */
const paragraphs = (text: string): readonly string[] =>
  text
    .replace(/[ \t\u0000]+/g, ' ')
    .replace(/([:：]?) ?\n\s*\n ?([-*•]\s|\d{1,3}[.)]\s)?/g, (_, colon: string, item?: string) =>
      colon !== '' || item !== undefined ? `${colon} ${item ?? ''}` : '\u0000',
    )
    .split('\u0000')

interface Form {
  readonly text: string
  readonly isAddress: boolean
}

/** The ways in which a user may have written a value: `#general`, `mailto:`, `./a.txt`; a web address is compared by itself. */
function forms(value: string): readonly Form[] {
  const text = normalWords(value)
  if (text === '') return []
  const found = [text]
  const bare = /^(?:[#]|mailto:|\.\/)(?=[\p{L}\p{N}])(.+)$/u.exec(text)?.[1]
  if (bare !== undefined && !/[?]/.test(bare)) found.push(bare)
  const handle = /^@([\p{L}\p{N}_-]+)$/u.exec(text)?.[1]
  if (handle !== undefined) found.push(handle)
  const address = value.length > 2_048 || !value.includes('.') ? undefined : webAddress(value.trim())
  return [
    ...found.map((each) => ({ text: each, isAddress: false })),
    ...(address === undefined ? [] : [{ text: address.key.toLowerCase(), isAddress: true }]),
  ]
}

function placesOf(form: Form, value: string, utterance: Utterance): readonly Place[] {
  const { text, cased } = utterance
  if (form.isAddress) return addressPlaces(value, utterance)
  if (!isPlainForm(value) && !utterance.raw.normalize('NFC').includes(value.normalize('NFC').trim())) return []
  const places = [...(isNumber(form.text) ? numberPlaces(form.text, text) : wholePlaces(form.text, text))]
  const tail = caseTail(value)
  if (tail === '') return places
  // the same letters in another case name another file, another short link
  return text.length === cased.length ? places.filter(({ end }) => cased.endsWith(tail, end)) : []
}

function addressPlaces(value: string, { cased, text }: Utterance): readonly Place[] {
  const wanted = webAddress(value.trim())
  const places: Place[] = []
  if (wanted === undefined || text.length !== cased.length) return places
  for (const { text: found, start } of webAddressesIn(cased)) {
    const said = webAddress(found)
    if (said !== undefined && leadsTo(wanted, said)) places.push({ start, end: start + found.length })
  }
  return places
}

/** What must agree in case: everything from the first slash behind the host on, and keys that mix cases with digits. */
function caseTail(value: string): string {
  const cased = casedWords(value).replace(/^(?:mailto:|\.\/)/i, '')
  const slash = cased.slice(/^[a-z]+:\/\//i.exec(cased)?.[0].length ?? 0).search(/[/\\]/)
  if (slash >= 0) return cased.slice((/^[a-z]+:\/\//i.exec(cased)?.[0].length ?? 0) + slash)
  const isKey =
    cased.length >= 6 && /^[\w-]+$/.test(cased) && /[a-z]/.test(cased) && /[A-Z]/.test(cased) && /\d/.test(cased)
  return isKey ? cased : ''
}

/** `grocery-list-today.docx` → grocery, list, today. */
const nameWords = (name: string): readonly string[] =>
  normalWords(name)
    .replace(/\.[a-z0-9]{1,5}$/, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

const RUN = /[\p{L}\p{N}\p{M}]+/gu
/** What may part the groups of a number. */
const SEPARATORS = /[ ().+-]/g
const runsOf = (text: string): readonly string[] => text.match(RUN) ?? []
const trimWord = (word: string): string => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')

const wasHeld = ({ text, heldBefore, allHeld }: Utterance, { start, end }: Place): boolean => {
  if (allHeld) return true
  if (heldBefore.size === 0) return false
  const from = text.lastIndexOf(' ', start) + 1
  const to = text.indexOf(' ', end)
  const said = text.slice(from, to < 0 ? text.length : to)
  const within = said.split(' ').map(trimWord).filter(Boolean)
  const alone = text.slice(start, end).split(' ').map(trimWord).filter(Boolean)
  return within.every((word) => heldBefore.has(word)) || alone.every((word) => heldBefore.has(word))
}

const DENIED = 'The sentence seems to rule it out.'

function whyDoubtful(utterance: Utterance, place: Place): string {
  if (utterance.channel === 'pasted') return 'It was pasted, not typed.'
  if (utterance.channel === 'relayed') return 'The host relayed it; another program could have.'
  const doubt = doubtAt(utterance.text, place)
  if (doubt === 'denied') return DENIED
  if (wasHeld(utterance, place)) return 'Untrusted text held it before the user said it.'
  if (doubt === 'quoted') return 'It is part of something the user quotes.'
  return doubt === 'asked' ? 'The sentence asks about it.' : ''
}
