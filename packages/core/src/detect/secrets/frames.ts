import { isJsonObject, type Json } from '../../json/types.ts'
import { StreamCutter, withoutCuts, type Cut, type Decided, type SecretStream } from './cutter.ts'
import type { KnownSecrets } from './known.ts'
import { redactText } from './redact.ts'

/** A string in a frame that goes on with the one at the same place in the frame before. */
interface Piece {
  readonly channel: Channel
  readonly start: number
  readonly end: number
  readonly text: string
  /** Puts another text in its place. */
  readonly put: (text: string) => void
}

interface Channel {
  readonly cutter: StreamCutter
  length: number
  decided: number
  cuts: Cut[]
  /** The last piece, and how often it came in a row. */
  last: string
  repeated: number
}

/** A line of the stream, and how to write it anew. */
interface Line {
  readonly raw: string
  readonly pieces: readonly Piece[]
  /** Something in it was changed already. */
  readonly changed: boolean
  readonly write: () => string
}

/** Names under which providers send a piece of text. */
const DELTAS: ReadonlySet<string> = new Set(
  (
    'content text delta partial_json arguments output_text outputText completion response generation generated_text token ' +
    'thinking reasoning reasoning_content refusal transcript message chunk output answer value body data part fragment ' +
    'input input_json thought summary result reply utterance choice v'
  ).split(' '),
)
/** Names that say what a frame is. */
const META =
  /^(?:id|.*_id|object|type|model|role|event|created.*|finish_?reason|stop_?reason|status|name|system_fingerprint|service_tier|version|timestamp|time|done_reason|signature|kind|.*Id|language|mime_?type)$/i
const ENDS = /(?:^|[._-])(?:done|stop|stopped|completed?|end|ended|finish|finished|final)$/i
const DEEPEST = 12
/** What came so often in a row is no text. */
const CONSTANT = 8
/** A longer line is no frame: it goes on as text. */
const LONGEST_LINE = 1_048_576
const DATA = /^(data:[ \t]?)?([\s\S]*?)(\r?\n)?$/

/**
 * Redacts text that comes in JSON frames, whoever made them: the strings at one place of the frames are read as one text.
 * A frame is sent when everything in it is decided; one without a secret goes on as it came.
 */
export class FrameStream implements SecretStream {
  readonly #known: KnownSecrets | undefined
  readonly #channels = new Map<string, Channel>()
  #partial = ''
  #lines: Line[] = []
  redactions = 0

  constructor(known: KnownSecrets | undefined) {
    this.#known = known
  }

  push(chunk: string): string {
    const text = this.#partial + chunk
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.#line(text.slice(from, at + 1))
      from = at + 1
    }
    this.#partial = text.slice(from)
    if (this.#partial.length > LONGEST_LINE) {
      this.#line(this.#partial)
      this.#partial = ''
    }
    return this.#release()
  }

  end(): string {
    if (this.#partial !== '') this.#line(this.#partial)
    this.#partial = ''
    this.#endChannels()
    return this.#release()
  }

  #line(raw: string): void {
    const [, head = '', body = '', tail = ''] = DATA.exec(raw) ?? []
    const value = /^\s*[{[]/.test(body) ? parsed(body) : undefined
    if (value === undefined) return this.#plain(raw, head, body, tail)
    const pieces: Piece[] = []
    let changed = false
    const leaves = leavesOf(value)
    const named = leaves.filter(({ name }) => DELTAS.has(name))
    const deltas = named.length > 0 ? named : leaves.filter((leaf) => this.#mayBeText(leaf))
    for (const leaf of leaves) {
      if (deltas.includes(leaf)) pieces.push(this.#piece(leaf.channel, leaf.text, leaf.put))
      else {
        const { text, redactions } = this.#redact(leaf.text)
        if (redactions === 0) continue
        this.redactions += redactions
        leaf.put(text)
        changed = true
      }
    }
    this.#lines.push({ raw, pieces, changed, write: () => `${head}${JSON.stringify(value)}${tail}` })
    if (isLast(value)) this.#endChannels()
  }

  /** No JSON: a field of the event as it is, data and other text as a text of its own. */
  #plain(raw: string, head: string, body: string, tail: string): void {
    if (body.trim() === '[DONE]') this.#endChannels()
    if (body === '' || (head === '' && (body.trim() === '' || /^(?:event|id|retry)?:/.test(body)))) {
      this.#lines.push({ raw, pieces: [], changed: false, write: () => raw })
      return
    }
    let now = body
    const piece = this.#piece(head === '' ? '\n' : 'data', body, (text) => (now = text))
    this.#lines.push({ raw, pieces: [piece], changed: false, write: () => `${head}${now}${tail}` })
    // Lines that are no events end where they end.
    if (head === '') this.#take(piece.channel, piece.channel.cutter.end())
  }

  /** In a frame of unknown make: what says nothing about the frame, and is not the same in every one. */
  #mayBeText({ name, channel, text }: Leaf): boolean {
    if (META.test(name)) return false
    const known = this.#channels.get(channel)
    if (known === undefined || known.repeated < CONSTANT || known.last !== text) return true
    this.#take(known, known.cutter.end())
    return false
  }

  #redact(text: string): { readonly text: string; readonly redactions: number } {
    return redactText(text, 'result', this.#known === undefined ? {} : { known: this.#known })
  }

  #piece(name: string, text: string, put: (text: string) => void): Piece {
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      channel = { cutter: new StreamCutter(this.#known), length: 0, decided: 0, cuts: [], last: '', repeated: 0 }
      this.#channels.set(name, channel)
    }
    channel.repeated = channel.last === text ? channel.repeated + 1 : 0
    channel.last = text
    const start = channel.length
    channel.length += text.length
    this.#take(channel, channel.cutter.push(text))
    return { channel, start, end: channel.length, text, put }
  }

  #take(channel: Channel, { decided, cuts }: Decided): void {
    channel.decided = decided
    channel.cuts.push(...cuts)
    this.redactions += cuts.filter(({ family }) => family !== undefined).length
  }

  #endChannels(): void {
    for (const channel of this.#channels.values()) this.#take(channel, channel.cutter.end())
  }

  #release(): string {
    let sent = ''
    let count = 0
    for (const line of this.#lines) {
      if (!line.pieces.every(({ channel, end }) => channel.decided >= end)) break
      sent += rendered(line)
      count++
    }
    this.#lines = this.#lines.slice(count)
    if (this.#lines.length === 0) for (const channel of this.#channels.values()) channel.cuts = []
    return sent
  }
}

function rendered(line: Line): string {
  let { changed } = line
  for (const { channel, start, end, text, put } of line.pieces) {
    const cuts = channel.cuts.filter((cut) => cut.start < end && cut.end > start)
    if (cuts.length === 0) continue
    put(withoutCuts(text, start, cuts))
    changed = true
  }
  return changed ? line.write() : line.raw
}

function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json
  } catch {
    return undefined
  }
}

interface Leaf {
  readonly name: string
  /** Path, with the numbers that say which of several texts it belongs to. */
  readonly channel: string
  readonly text: string
  readonly put: (text: string) => void
}

function leavesOf(root: Json): readonly Leaf[] {
  const leaves: Leaf[] = []
  const walk = (value: Json, name: string, channel: string, depth: number, put: (text: string) => void): void => {
    if (typeof value === 'string') {
      if (value !== '') leaves.push({ name, channel, text: value, put })
      return
    }
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return
    if (!isJsonObject(value)) {
      const list = value as Json[]
      for (const [i, item] of list.entries())
        walk(item, name, `${channel}[${i}]`, depth + 1, (text) => (list[i] = text))
      return
    }
    const object = value as Record<string, Json>
    const which = Object.entries(object)
      .filter(([key, item]) => /index$/i.test(key) && typeof item === 'number')
      .map(([key, item]) => `${key}=${JSON.stringify(item)}`)
      .join()
    for (const key of Object.keys(object)) {
      walk(object[key] as Json, key, `${channel}(${which}).${key}`, depth + 1, (text) => (object[key] = text))
    }
  }
  walk(root, '', '', 0, () => undefined)
  return leaves
}

/** The frame says that its text is complete. */
function isLast(value: Json): boolean {
  if (!isJsonObject(value)) return false
  if (value['done'] === true || value['is_finished'] === true) return true
  const { type, event, choices, candidates } = value
  if (typeof type === 'string' && ENDS.test(type)) return true
  if (typeof event === 'string' && ENDS.test(event)) return true
  const list = [value, ...(Array.isArray(choices) ? choices : []), ...(Array.isArray(candidates) ? candidates : [])]
  return list.some(
    (item) =>
      isJsonObject(item) &&
      ['finish_reason', 'finishReason', 'stop_reason', 'stopReason'].some((name) => typeof item[name] === 'string'),
  )
}
