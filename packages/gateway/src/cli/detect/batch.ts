import {
  isJsonObject,
  LineFramer,
  SallyportError,
  toSallyportError,
  type Frame,
  type Json,
  type JsonObject,
} from '@sallyport/core'

/** Longest line that is read, bytes. A longer one is an answer of its own, not the end of the run. */
const LONGEST_LINE = 32 * 1024 * 1024

/** What a judge says of one line; `id` is added. */
export type Judgement = JsonObject & { readonly verdict: string }
export type Judge = (line: JsonObject) => Judgement | Promise<Judgement>

/**
 * The batch form of every detector and scanner: one JSON object a line in, exactly one out, in order and as soon as it is known.
 * Unknown members are ignored. A line that cannot be read or judged answers `error` and the run goes on.
 * @returns exit code: 0 all judged · 3 at least one `error`
 */
export async function runBatch(
  input: AsyncIterable<Uint8Array>,
  out: (line: string) => void,
  judge: Judge,
): Promise<number> {
  let failed = false
  let number = 0
  for await (const frame of frames(input)) {
    number++
    let id: Json = String(number)
    try {
      const line = parseLine(frame)
      id = line['id'] ?? id
      out(JSON.stringify({ id, ...(await judge(line)) }))
    } catch (thrown) {
      const { code, detail, entry } = toSallyportError(thrown)
      failed = true
      out(JSON.stringify({ id, verdict: 'error', error: { code, message: detail === '' ? entry.title : detail } }))
    }
  }
  return failed ? 3 : 0
}

async function* frames(input: AsyncIterable<Uint8Array>): AsyncIterable<Frame> {
  const framer = new LineFramer(LONGEST_LINE)
  for await (const chunk of input) yield* framer.push(chunk)
  if (framer.pending > 0) yield* framer.push(LINE_END)
}

const LINE_END = Uint8Array.of(0x0a)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Evaluation data may hold anything, so this is plain JSON; the strict reader is for calls and configuration. */
function parseLine(frame: Frame): JsonObject {
  if (frame.kind === 'oversize') throw new SallyportError('SP_JSON_TOO_LARGE', 'The line is longer than 32 MB.')
  let value: Json
  try {
    value = JSON.parse(utf8.decode(frame.bytes)) as Json
  } catch (cause) {
    throw new SallyportError('SP_JSON_INVALID', 'The line is not JSON in UTF-8.', { cause })
  }
  if (!isJsonObject(value)) throw new SallyportError('SP_JSON_INVALID', 'The line is not a JSON object.')
  return value
}

/** The text of a line: `text`, else `input`, else `parts` joined, else `chunks` joined. */
export function textOf(line: JsonObject): string {
  const { text, input, parts, chunks } = line
  if (typeof text === 'string') return text
  if (typeof input === 'string') return input
  if (isStrings(parts)) return parts.join('')
  if (Array.isArray(chunks)) return chunksOf(line).join('')
  throw new SallyportError('SP_CLI_USAGE', 'The line has no text: give `text`, `input`, `parts` or `chunks`.')
}

/** Chunks as they arrived: an inner array joins to one chunk. */
export function chunksOf(line: JsonObject): readonly string[] {
  const { chunks } = line
  if (!Array.isArray(chunks)) return []
  return (chunks as readonly Json[]).map((chunk) => {
    if (typeof chunk === 'string') return chunk
    if (isStrings(chunk)) return chunk.join('')
    throw new SallyportError('SP_CLI_USAGE', 'A chunk is neither text nor a list of texts.')
  })
}

const isStrings = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
