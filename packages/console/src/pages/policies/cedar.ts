import { StreamLanguage, type StringStream } from '@codemirror/language'

const KEYWORDS = /^(?:permit|forbid|when|unless|if|then|else|in|is|has|like)\b/
const ATOMS = /^(?:true|false)\b/
const VARIABLES = /^(?:principal|action|resource|context)\b/

interface State {
  inString: boolean
}

/** Cedar, as far as colours need it. */
export const cedarLanguage = StreamLanguage.define<State>({
  name: 'cedar',
  startState: () => ({ inString: false }),
  token(stream: StringStream, state: State) {
    if (state.inString) return string(stream, state)
    if (stream.eatSpace()) return null
    if (stream.match('//')) {
      stream.skipToEnd()
      return 'comment'
    }
    if (stream.match(/^@\w+/)) return 'meta'
    if (stream.match(KEYWORDS)) return 'keyword'
    if (stream.match(ATOMS)) return 'atom'
    if (stream.match(VARIABLES)) return 'variableName'
    if (stream.match(/^\d+/)) return 'number'
    if (stream.match('"')) {
      state.inString = true
      return string(stream, state)
    }
    if (stream.match(/^[A-Z]\w*(?=::)/)) return 'typeName'
    if (stream.match(/^[\w]+/)) return null
    stream.next()
    return null
  },
  languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', '"'] } },
})

function string(stream: StringStream, state: State): string {
  while (!stream.eol()) {
    const next = stream.next()
    if (next === '\\') stream.next()
    else if (next === '"') {
      state.inString = false
      break
    }
  }
  // a text of Cedar ends with its line for the eye; what is wrong with it the check says
  if (stream.eol()) state.inString = false
  return 'string'
}
