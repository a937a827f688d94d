import type { RuleText } from '../finding.ts'
import { parseTerms, type ProsePlace, type Term } from './rule.ts'
import { meetsRow } from './match.ts'
import { taughtAt, type Hit, type Prose, type ReadSentence } from './read.ts'

/** One thing that speaks for or against an attack. `when`: rows as in rules, each within one sentence. */
interface Factor {
  readonly id: string
  readonly weight: number
  readonly rows: readonly (readonly Term[])[]
  readonly places?: readonly ProsePlace[]
}

const factor = (id: string, weight: number, when: string, places?: readonly ProsePlace[]): Factor => ({
  id,
  weight,
  rows: when.split(/\s*;\s*/).map(parseTerms),
  ...(places === undefined ? {} : { places }),
})

const GIVES = 'send|sent|put-in|smuggle|it-outside|hand-on|copy-out|goes-to'
const TAKES = 'read|values|hunt|needs'

/** Who acts on what, where it goes, and who may know. None of them decides alone. */
const FACTORS: readonly Factor[] = [
  factor('gives', 1, `${GIVES};x-send foreign !x-denied`),
  factor('takes', 0.5, `${TAKES};x-read foreign !x-denied`),
  factor('runs', 1, 'run>outside|url|archive;install>url'),
  factor(
    'secret',
    2,
    `${GIVES}|read|values>>secret|secret-file|users-secret|kept-keys !auth-header;values>secret;${GIVES}|${TAKES}>kept-keys;x-secret foreign x-send|x-read !x-denied;secret-file foreign x-send|x-read !x-denied`,
  ),
  factor(
    'belongings',
    1,
    `${GIVES}|${TAKES}~private|intimate|talked|work-data|belongings;x-talk foreign x-send|x-read !x-denied`,
  ),
  factor(
    'control',
    2,
    'write|put-in|destroy|disable|replace>agent-store|agent-memory|agent-config|startup|safety|logs',
  ),
  factor('outside', 1.5, `${GIVES}|x-send~url|mail-or-phone|bare-host|our-place|wallet-literal|open-place`),
  factor('field', 1, 'put-in|send|hand-on~into-param|channel;x-field foreign', ['mcp', 'hidden']),
  factor('agent-named', 1, 'note-to-model', ['mcp', 'hidden']),
  factor(
    'carried',
    0,
    'send|sent|it-outside|copy-out|goes-to~url|mail-or-phone|bare-host|open-place|our-place;put-in|hand-on>channel url',
  ),
  factor('always', 1, 'every-session;each-call;x-each-time foreign'),
  factor('beforehand', 0.5, 'beforehand'),
  factor('fetched', 0.5, 'looks-up users-machine', ['mcp', 'hidden']),
  factor('pretext', 1, 'pretext'),
  factor('kept-quiet', 2.5, 'secrecy;conceal;unsaid;x-hide foreign;self-hiding'),
  factor('unasked', 1.5, 'no-approval;blanket-consent;standing-consent;x-no-asking foreign'),
  factor('false-consent', 2, 'false-consent;x-consent foreign'),
  factor('false-word', 2, 'false-word;deceive;says-only'),
  factor('over-user', 2, 'over-user;overruled'),
  factor('authority', 1, 'authority'),
  factor('on-trouble', 1, 'on-trouble'),
  factor('quiet', 0.75, 'quiet'),
  factor('user-decides', -2, 'user-decides'),
  factor('user-names', -1.5, 'user-names'),
  factor('api-call', -1, 'auth-header'),
  factor('harmless', -1.5, 'harmless-act'),
]

/** What speaks for a text counts a little further away too. */
const GUARDS = 2

/** What is done, and to what. Without it there is nothing to weigh. */
const ACTS = ['gives', 'runs', 'control']
/** What it is done to, or where it goes. */
const OBJECTS = ['secret', 'belongings', 'control', 'outside', 'field']
const DEEDS = [...ACTS, ...OBJECTS]
/** What honest texts have no reason to say of it. */
const MOTIVES = [
  'always',
  'pretext',
  'kept-quiet',
  'unasked',
  'false-consent',
  'false-word',
  'over-user',
  'authority',
  'quiet',
  'agent-named',
  'on-trouble',
  'fetched',
]
/** Consent that is passed over does not speak for a text. */
const VOIDS = ['over-user', 'false-consent']

/** Least weight that holds a text; less where it is plain that something of the user goes to a fixed place. */
export const HELD = 4
const PLAIN = 3
/** Sentences that are weighed together. */
const SPAN = 3

const RULE: RuleText = {
  id: 'conduct.against-user',
  severity: 'high',
  title: 'acts that together serve somebody else than the user',
  why: 'Each part may be work. What is taken, where it goes and what is said about it make it an act that the user would not want.',
  fix: 'Let the user name what is sent and where, ask first, and leave nothing unsaid.',
}

interface Weighed extends Hit {
  readonly rule: RuleText
  readonly taught: boolean
}

/**
 * Weighs what neighbouring sentences say together (HB-28 … HB-30): no word decides, and no wording is needed. One finding a text: the heaviest
 * place. Offsets in the text as it was given.
 */
export function weigh(prose: Prose, place: ProsePlace): readonly Weighed[] {
  const factors = FACTORS.filter(({ places }) => places === undefined || places.includes(place))
  const told = prose.sentences.map((sentence) => factorsOf(sentence, factors))
  let best: { readonly weight: number; readonly at: number; readonly said: readonly string[] } | undefined
  for (let at = 0; at < told.length; at++) {
    const said = idsIn(told.slice(at, at + SPAN))
    const around = idsIn(told.slice(Math.max(0, at - GUARDS), at + SPAN + GUARDS))
    const weight = weightOf(said, around, factors)
    if (weight > (best?.weight ?? 0)) best = { weight, at, said }
  }
  if (best === undefined) return []
  const { at } = best
  const first = prose.sentences[at]
  const last = prose.sentences[Math.min(at + SPAN, prose.sentences.length) - 1]
  if (first === undefined || last === undefined) return []
  return [
    {
      rule: { ...RULE, title: `${RULE.title} (${best.said.join(', ')})` },
      start: prose.sourceOffset(first.start),
      end: prose.sourceOffset(last.start + last.text.length),
      taught: told
        .slice(at, at + SPAN)
        .some((found, next) =>
          [...found].some(([id, place]) => DEEDS.includes(id) && taughtAt(prose, at + next, place)),
        ),
    },
  ]
}

function factorsOf(sentence: ReadSentence, factors: readonly Factor[]): ReadonlyMap<string, Hit> {
  const found = new Map<string, Hit>()
  if (sentence.code) return found
  for (const { id, rows } of factors)
    for (const row of rows) {
      const hit = meetsRow(row, sentence)
      if (hit === undefined) continue
      found.set(id, hit)
      break
    }
  return found
}

const idsIn = (told: readonly ReadonlyMap<string, Hit>[]): readonly string[] => [
  ...new Set(told.flatMap((found) => [...found.keys()])),
]

function weightOf(ids: readonly string[], around: readonly string[], factors: readonly Factor[]): number {
  const has = (list: readonly string[]): boolean => list.some((id) => ids.includes(id))
  const plain = ids.includes('carried') && has(['secret', 'belongings'])
  if (!plain && !(has(ACTS) && has(OBJECTS) && has(MOTIVES))) return 0
  const voided = has(VOIDS)
  let sum = 0
  for (const { id, weight } of factors)
    if (weight > 0 ? ids.includes(id) : around.includes(id) && !voided) sum += weight
  return sum >= (plain ? PLAIN : HELD) ? sum : 0
}
