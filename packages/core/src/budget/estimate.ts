import { memberOf, unitsOf } from './cost.ts'

/** Names under which services of models take the most that they may answer, in tokens. */
const MOST_ANSWERED = ['max_tokens', 'max_completion_tokens', 'max_output_tokens']
/** Bytes a token, about. */
const A_TOKEN = 4
/** A picture or file costs about so many tokens at least, and one for so many bytes. */
const A_FILE = 1_600
const OF_A_FILE = 64
const FILE = /^(?:data:[\w/.+-]+;base64,)?[A-Za-z0-9+/_=-]{1024,}$/
/** Where services take files: whatever else looks like one is text, which costs more. */
const FILE_MEMBERS = new Set(['url', 'image_url', 'file_data'])
const ENCODER = new TextEncoder()

/**
 * What to set aside for a request to a model: at most `reserve` for the answer, and about what the request itself is.
 * @param body JSON text; undefined: none, or one that cannot be read
 */
export function modelReserve(body: string | undefined, reserve: number): number {
  let asked: unknown
  try {
    asked = JSON.parse(body ?? '')
  } catch {
    return reserve + Math.ceil((body ?? '').length / A_TOKEN)
  }
  const most = MOST_ANSWERED.map((name) => unitsOf(memberOf(asked, name))).filter((each) => each !== undefined)
  const choices = Math.max(1, unitsOf(memberOf(asked, 'n')) ?? 1)
  const answer = most.length === 0 ? reserve : Math.min(reserve, Math.max(...most) * choices)
  return Math.max(1, answer + inputOf(asked))
}

function inputOf(root: unknown): number {
  let tokens = 0
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string') tokens += textTokens(value)
    else if (typeof value === 'object' && value !== null) {
      const isFile = memberOf(value, 'type') === 'base64'
      for (const [name, each] of Object.entries(value)) {
        if (typeof each === 'string' && (isFile || (FILE_MEMBERS.has(name) && each.startsWith('data:'))))
          tokens += FILE.test(each) ? Math.max(A_FILE, each.length / OF_A_FILE) : textTokens(each)
        else open.push(each)
      }
    }
  }
  return Math.ceil(tokens)
}

const textTokens = (text: string): number => ENCODER.encode(text).length / A_TOKEN
