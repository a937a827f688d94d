import { memberOf, unitsOf } from './cost.ts'
import { jsonMembers, type JsonMembers } from './members.ts'

/** Reads what a model's service says an answer cost, while the answer goes by. */
export interface UsageReader {
  readonly push: (chunk: Uint8Array) => void
  /** Tokens so far; undefined when nothing was said of them. `isWhole`: no more will be said. */
  readonly end: () => { readonly tokens: number | undefined; readonly isWhole: boolean }
}

type Usage = Map<string, number>

/** Where services of models put it: in an answer, at the beginning of a stream and at its end. */
const USAGE = ['usage', 'message.usage', 'response.usage']
const PATHS = [...USAGE, 'type']
/** Bytes of one usage. */
const MOST = 8_192
/** What comes in the end, with the counts of all that went before. */
const LAST = new Set(['message_stop', 'response.completed', 'response.incomplete', 'response.failed'])
/** Anthropic's counts say nothing twice; those of OpenAI have a sum. */
const PARTS = [
  ...['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens'],
  ...['prompt_tokens', 'completion_tokens'],
]

/** Tokens of a `usage`, all kinds together. */
function tokensOf(usage: Usage): number | undefined {
  if (usage.size === 0) return undefined
  const sum = PARTS.reduce((total, part) => total + (usage.get(part) ?? 0), 0)
  return Math.max(sum, usage.get('total_tokens') ?? 0)
}

/** Counts only grow within an answer: the largest of each is the last. */
function note(usage: Usage, members: JsonMembers): void {
  for (const path of USAGE) {
    const said = parsed(members.text(path))
    for (const part of [...PARTS, 'total_tokens']) {
      const count = unitsOf(memberOf(said, part))
      if (count !== undefined) usage.set(part, Math.max(count, usage.get(part) ?? 0))
    }
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const LF = 0x0a
const DATA = Array.from('data:', (letter) => letter.charCodeAt(0))
const DONE = '[DONE]'

/** @param isStream server-sent events, one JSON object each; otherwise the answer is one */
export function usageReader(isStream: boolean): UsageReader {
  return isStream ? eventReader() : objectReader()
}

function objectReader(): UsageReader {
  const members = jsonMembers(PATHS, MOST)
  return {
    push(chunk) {
      for (const byte of chunk) members.push(byte)
    },
    end() {
      const usage: Usage = new Map()
      note(usage, members)
      return { tokens: tokensOf(usage), isWhole: members.isWhole() }
    },
  }
}

function eventReader(): UsageReader {
  const usage: Usage = new Map()
  let isWhole = false
  /** Bytes of the line so far, as far as they tell what it is. */
  let at = 0
  let isData = true
  let start: number[] = []
  let members = jsonMembers(PATHS, MOST)
  const lineEnds = (): void => {
    if (isData && at > DATA.length) {
      note(usage, members)
      const type = parsed(members.text('type'))
      if (LAST.has(typeof type === 'string' ? type : '')) isWhole = true
      if (String.fromCharCode(...start).trim() === DONE) isWhole = true
    }
    ;[at, isData, start, members] = [0, true, [], jsonMembers(PATHS, MOST)]
  }
  return {
    push(chunk) {
      for (const byte of chunk) {
        if (byte === LF) lineEnds()
        else if (!isData) continue
        else if (at < DATA.length) {
          isData = byte === DATA[at]
          at++
        } else {
          at++
          if (start.length < 10) start.push(byte)
          members.push(byte)
        }
      }
    },
    end() {
      lineEnds()
      return { tokens: tokensOf(usage), isWhole }
    },
  }
}
