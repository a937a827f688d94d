import type { Random } from '../../boundary/ports.ts'
import { openVerifier, sealVerifier } from '../presence/operator.ts'
import { derivePinKey, PIN_COST, provePin } from '../presence/pin.ts'
import type { StoredPassword } from './person.ts'
import { timingSafeEqual } from 'node:crypto'

const SHORTEST = 12
const LONGEST = 128
/** Characters that must remain when everything a guesser tries first is taken out. */
const MUST_REMAIN = 8
const COMMON =
  /password|passwort|passphrase|sallyport|gateway|console|administrator|admin|operator|welcome|letmein|iloveyou|changeme|default|secret|master|monkey|dragon|football|baseball|sunshine|princess|shadow|superman|trustno|login|access|hello|summer|winter|spring|autumn|january|february|march|april|june|july|august|september|october|november|december|correct|horse|battery|staple|(?:19|20)\d\d/g
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
]
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}

/** Why this is no password; undefined when it is one. */
export function whyPasswordIsWeak(password: string, name: string): string | undefined {
  const length = [...password].length
  if (length < SHORTEST) return `Use at least ${SHORTEST} characters.`
  if (length > LONGEST) return `Use at most ${LONGEST} characters.`
  const plain = password.normalize('NFKC').toLowerCase()
  const spellings = [plain, plain.replaceAll(/[013457@$]/g, (char) => LEET[char] ?? char)]
  const left = Math.min(...spellings.map((text) => unguessed(text, name.toLowerCase())))
  if (left < MUST_REMAIN)
    return 'It is made of words, names, dates or rows that are guessed first. Use four unrelated words.'
  return undefined
}

/** How many characters are left beside well-known words, the own name, rows of keys and repetitions. */
function unguessed(text: string, name: string): number {
  let rest = text.replaceAll(COMMON, '.')
  if (name.length > 2) rest = rest.replaceAll(name, '.')
  for (let length = Math.floor(rest.length / 2); length > 1; length--)
    rest = rest.replaceAll(new RegExp(`(.{${length}})\\1+`, 'gu'), '$1')
  rest = rest.replaceAll(/(.)\1+/gu, '$1')
  for (const row of ROWS.flatMap((each) => [each, [...each].reverse().join('')])) {
    for (let at = 0; at + 3 <= row.length; at++) {
      let end = at + 3
      while (end < row.length && rest.includes(row.slice(at, end + 1))) end++
      rest = rest.replaceAll(row.slice(at, end), '.')
    }
  }
  return new Set(rest).size < 5 ? 0 : [...rest].length
}

const ownerOf = (id: string): string => `password:${id}`

/** What is kept of a password. About half a second and 128 MiB. */
export async function keepPassword(
  id: string,
  password: string,
  { pepper, random, now }: { readonly pepper: Uint8Array; readonly random: Random; readonly now: number },
): Promise<StoredPassword> {
  const salt = Buffer.from(random.bytes(16))
  const key = await derivePinKey(password, salt, PIN_COST)
  return {
    salt: salt.toString('hex'),
    cost: PIN_COST,
    sealed: sealVerifier(key, ownerOf(id), pepper, random),
    setAt: now,
  }
}

/** Takes as long for somebody without a password, or without an entry, as for anybody. */
export async function isPassword(
  id: string,
  password: string,
  stored: StoredPassword | undefined,
  pepper: Uint8Array,
): Promise<boolean> {
  const { salt, cost, sealed } = stored ?? { salt: '00'.repeat(16), cost: PIN_COST, sealed: '' }
  const given = await derivePinKey(password.slice(0, LONGEST * 4), Buffer.from(salt, 'hex'), cost)
  const key = openVerifier({ id: ownerOf(id), sealed, salt, cost, enrolledAt: 0 }, pepper) ?? Buffer.alloc(32)
  const same = timingSafeEqual(Buffer.from(provePin(key, id)), Buffer.from(provePin(given, id)))
  return same && stored !== undefined
}
