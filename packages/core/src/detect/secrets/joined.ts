import { mayBegin } from './anchors.ts'
import { hasDigit } from './characters.ts'
import type { Segment } from './encoded.ts'
import { makeupOf } from './randomness.ts'
import type { Hints } from './hints.ts'
import { MappedBuilder } from './view.ts'

/** `"ghp_" + "abc"`, `'a' . 'b'`, `"a" "b"`, `"a" \⏎ "b"`, `"a" & "b"`. */
const JOINT =
  /["'`](?<=[\w.+/=~:-]["'`])\s{0,40}(?:[+.&]|\|\||<<|\\\r?\n|\.concat\(|\+=|\}\$\{)?\s{0,40}[rbufRBUF]?["'`](?=[\w.+/=~:-])|(?<=[\w.+/=~:-])(?:<\/?[a-z]{1,8}\s?\/?>|\*\*|\/\*[^*\n]{0,40}\*\/)(?=[\w.+/=~:-])/y
/** With `join` or `concat` also `"a", "b"`. */
const JOINT_OF_LIST = /["'`](?<=[\w.+/=~:-]["'`])\s{0,40}[,+]\s{0,40}["'`](?=[\w.+/=~:-])/y
/** `a = "ghp_"; b = "…"`: the parts in variables of their own. */
const NEXT_VARIABLE = /["'`][\s;]{1,4}(?:(?:const|let|var|final|val)\s)?[\w$]{1,24}\s?:?=\s?["'`]([\w.+/=~:-]{4,200})/y
/** Single characters with the same sign between. */
const SPREAD = /[\w.-](?:( {1,3}|\t| - | \| |-|\.|\*|,|, |\||·|•|\/|\n|["'], ?["'])[\w.-])(?:\1[\w.-]){14,400}(?![\w])/y
/** A part of what spaces cut into parts. */
const PART = /[\w-]{2,40}/y
/** The next line, when it is one run. */
const RUN_LINE = /\r?\n[ \t>|*#/]{0,12}([\w.+/=~:$@!%^&*-]{4,160})\\?[ \t]{0,8}(?=\r?\n|$)/y
const LAST_RUN = /(?:^|[\s"'`=:(])([\w.+/=~:$@!%^&*-]{6,160})\\?\r?$/
const FEWEST_IN_TOKEN = 16
const CONTEXT = 120

/** Secrets that were cut: by concatenation in code, over lines, by spaces; and long runs backwards or in ROT13. */
export function* joinedSegments(text: string, hints: Hints): Iterable<Segment> {
  yield* without(text, hints.joints, JOINT)
  if (LIST_JOINED.test(text)) yield* without(text, hints.joints, JOINT_OF_LIST, LIST_JOINED)
  yield* inVariables(text, hints.joints)
  yield* wrapped(text, hints.breaks)
  for (const at of hints.spread) {
    SPREAD.lastIndex = at
    const match = SPREAD.exec(text)
    if (match === null) yield* grouped(text, at)
    else {
      const parts = match[0].split(match[1] ?? ' ')
      yield { via: 'spaced', text: parts.join(''), start: at, end: at + match[0].length, guessed: true }
    }
  }
  for (let i = 0; i < hints.runs.length; i += 2) {
    yield* turned(text, hints.runs[i] as number, hints.runs[i + 1] as number)
  }
}

const LIST_JOINED = /join\(|concat\(|implode\(/

/** A prefix, and parts behind it with a space before each: as long as they look like parts of something random. */
function* grouped(text: string, at: number): Iterable<Segment> {
  const parts: string[] = []
  let end = at
  while (parts.length < 64) {
    PART.lastIndex = parts.length === 0 ? at : end + 1
    const part = PART.exec(text)?.[0]
    if (part === undefined) break
    if (parts.length > 0) {
      const { digits, oddness } = makeupOf(part, 0, part.length)
      if (digits === 0 && oddness < 0.35 && part.length !== parts.at(-1)?.length) break
    }
    parts.push(part)
    end = PART.lastIndex
    if (text.charCodeAt(end) !== 32) break
  }
  if (parts.length < 2) return
  yield { via: 'spaced', text: parts.join(''), start: at, end, guessed: true }
}

/** The text without its joints, in parts with some of what stands around them; of these, those with `near` in them. */
function* without(text: string, places: readonly number[], joint: RegExp, near?: RegExp): Iterable<Segment> {
  let from = 0
  let last = 0
  let builder: MappedBuilder | undefined
  const done = (made: MappedBuilder): readonly Segment[] => {
    const mapped = made.done()
    const end = mapped.sourceOffset(mapped.text.length)
    if (near !== undefined && !near.test(text.slice(from, end))) return []
    return [{ via: 'joined', text: mapped.text, start: from, end, mapped }]
  }
  for (const place of places) {
    if (place < last) continue
    joint.lastIndex = place
    const match = joint.exec(text)
    if (match === null) continue
    if (builder !== undefined && place - last > 2 * CONTEXT) {
      yield* done(builder)
      builder = undefined
    }
    if (builder === undefined) {
      from = Math.max(last, place - CONTEXT)
      builder = new MappedBuilder(text, from)
    }
    last = place + match[0].length
    builder.replace(place, last, '')
    builder.until(Math.min(text.length, last + CONTEXT))
  }
  if (builder !== undefined) yield* done(builder)
}

function* inVariables(text: string, places: readonly number[]): Iterable<Segment> {
  let done = 0
  for (const place of places) {
    if (place < done) continue
    NEXT_VARIABLE.lastIndex = place
    if (!NEXT_VARIABLE.test(text)) continue
    const first = /[\w.+/=~:-]{3,200}$/.exec(text.slice(Math.max(0, place - 200), place))?.[0]
    if (first === undefined) continue
    const parts = [first]
    let end = place
    for (let count = 0; count < 16; count++) {
      NEXT_VARIABLE.lastIndex = end
      const part = NEXT_VARIABLE.exec(text)?.[1]
      if (part === undefined) break
      parts.push(part)
      end = NEXT_VARIABLE.lastIndex
    }
    done = end
    yield { via: 'joined', text: parts.join(''), start: place - first.length, end, guessed: true }
  }
}

/** Runs that fill lines of one width, the last at most as wide: as a terminal or a mail program wraps them. */
function* wrapped(text: string, breaks: readonly number[]): Iterable<Segment> {
  let done = 0
  for (const at of breaks) {
    if (at < done) continue
    RUN_LINE.lastIndex = at
    if (!RUN_LINE.test(text)) continue
    const before = text.slice(Math.max(0, at - 170, text.lastIndexOf('\n', at - 1) + 1), at)
    const first = LAST_RUN.exec(before)?.[1]
    if (first === undefined || first.endsWith('---')) continue
    const start = at - before.length + before.lastIndexOf(first)
    const parts = [first]
    let end = at
    let width = 0
    while (parts.length < 64) {
      RUN_LINE.lastIndex = end
      const match = RUN_LINE.exec(text)
      const run = match?.[1]
      if (match === null || run === undefined || (width > 0 && run.length > width)) break
      parts.push(run)
      end += match[0].length
      if (width === 0) width = Math.max(run.length, parts[0]?.length ?? 0)
      if (run.length < width) break
    }
    if (parts.length < 2) continue
    done = end
    // The `=` of quoted-printable at the end of every line but the last.
    const isQuoted = parts.slice(0, -1).every((part) => part.endsWith('='))
    const joined = (isQuoted ? parts.map((part) => part.replace(/=$/, '')) : parts).join('')
    if (joined.length >= FEWEST_IN_TOKEN) yield { via: 'wrapped', text: joined, start, end, guessed: true }
  }
}

const LONGEST_TURNED = 220
/** Long runs read backwards, and by the alphabet's other half: only where the start is that of a known prefix. */
function* turned(text: string, runStart: number, runEnd: number): Iterable<Segment> {
  if (runEnd - runStart > LONGEST_TURNED || runEnd - runStart < 20 || !hasDigit(text, runStart, runEnd)) {
    return
  }
  const code = (at: number): number => text.charCodeAt(at)
  if (mayBegin(code(runEnd - 1), code(runEnd - 2), code(runEnd - 3))) {
    let start = runStart
    while (start > 0 && runEnd - start < LONGEST_TURNED && /[\w.+/=~:$-]/.test(text[start - 1] ?? '')) start--
    if (runEnd - start >= LONGEST_TURNED) return
    const backwards = [...text.slice(start, runEnd)].reverse().join('')
    yield { via: 'reversed', text: backwards, start, end: runEnd, guessed: true }
  }
  if (mayBegin(turn(code(runStart)), turn(code(runStart + 1)), turn(code(runStart + 2)))) {
    let end = runEnd
    while (end < text.length && end - runStart < LONGEST_TURNED && /[\w.+/=~:$-]/.test(text[end] ?? '')) end++
    const run = text.slice(runStart, end)
    yield {
      via: 'rot13',
      text: String.fromCharCode(...[...run].map((c) => turn(c.charCodeAt(0)))),
      start: runStart,
      end,
      guessed: true,
    }
  }
}

function turn(code: number): number {
  const letter = code & 95
  if (code < 65 || letter < 65 || letter > 90) return code
  return letter > 77 ? code - 13 : code + 13
}
