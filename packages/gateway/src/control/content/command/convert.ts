import type { ShellAssignment, ShellCommand, ShellPart, ShellRedirect, ShellScript, ShellWord } from '@sallyport/core'
import type {
  ArithmeticExpression,
  Assignment,
  CommandNode,
  CompoundList,
  DoubleQuotedChild,
  HereDoc,
  PipelineNode,
  Redirection,
  Script,
  Statement,
  TestExpression,
  Word,
  WordPart,
} from 'unbash'

/** Thrown for what has no place in the plain tree: the caller says `opaque`. */
export class Unconvertible extends Error {}

/** The parser's tree as the plain data the analysis reads. */
export const convertScript = (script: Script): ShellScript => ({ commands: script.commands.map(statement) })

function statement({ command, background }: Statement): ShellCommand {
  const converted = command.type === 'AndOr' ? sequence(command.commands.map(pipeline)) : pipeline(command)
  return background === true ? { ...converted, background: true } : converted
}

const sequence = (commands: readonly ShellCommand[]): ShellCommand => ({ kind: 'sequence', commands })

function pipeline(node: PipelineNode): ShellCommand {
  if (node.type !== 'Pipeline') return commandNode(node)
  const stages = node.commands.map(commandNode)
  const [only] = stages
  return stages.length === 1 && only !== undefined ? only : { kind: 'pipeline', stages }
}

const list = (body: CompoundList | undefined): readonly ShellCommand[] => (body?.commands ?? []).map(statement)

function commandNode(node: CommandNode | CompoundList): ShellCommand {
  switch (node.type) {
    case 'Command': {
      const words = [...(node.name === undefined ? [] : [word(node.name)]), ...node.args.map(argument)]
      const assignments = node.prefix.filter((part): part is Assignment => part.type === 'Assignment').map(assignment)
      const redirects = node.redirects.map(redirect)
      return { kind: 'simple', assignments, words, redirects, start: node.pos, end: node.end }
    }
    case 'Redirected': {
      const body = [commandNode(node.command)]
      return { kind: 'group', subshell: false, body, redirects: node.redirects.map(redirect) }
    }
    case 'Subshell':
    case 'BraceGroup':
      return { kind: 'group', subshell: node.type === 'Subshell', body: list(node.body), redirects: [] }
    case 'CompoundList':
      return { kind: 'group', subshell: false, body: list(node), redirects: [] }
    case 'If': {
      const branches = [
        list(node.clause),
        list(node.then),
        ...node.elif.flatMap((part) => [list(part.clause), list(part.then)]),
      ]
      return {
        kind: 'branch',
        words: [],
        branches: node.else === undefined ? branches : [...branches, list(node.else)],
      }
    }
    case 'Case': {
      const words = [word(node.word), ...node.items.flatMap((item) => item.pattern.map(word))]
      return { kind: 'branch', words, branches: node.items.map((item) => list(item.body)) }
    }
    case 'For':
    case 'Select': {
      const variable = node.name.value
      const items = node.wordlist?.map(word) ?? []
      return { kind: 'loop', variable, items, condition: [], body: list(node.body) }
    }
    case 'While':
      return { kind: 'loop', condition: list(node.clause), body: list(node.body) }
    case 'ArithmeticFor': {
      const words = [node.initialize, node.test, node.update].flatMap((part) => arithmeticWords(part))
      const condition: ShellCommand[] = [{ kind: 'branch', words, branches: [] }]
      const bounded = node.test !== undefined
      return { kind: 'loop', condition: bounded ? condition : [], body: list(node.body) }
    }
    case 'Function':
      return { kind: 'function', name: node.name.value, body: [commandNode(node.body)] }
    case 'Coproc':
      return { ...commandNode(node.body), background: true }
    case 'TestCommand':
      return { kind: 'branch', words: testWords(node.expression), branches: [] }
    case 'ArithmeticCommand':
      return { kind: 'branch', words: arithmeticWords(node.expression), branches: [] }
  }
}

const argument = (part: Word | Assignment): ShellWord => (part.type === 'Word' ? word(part) : assignmentWord(part))

/** `export A=b`: for the builtin the assignment is a word. */
function assignmentWord(part: Assignment): ShellWord {
  const name: ShellPart = { kind: 'literal', value: `${part.name}=`, how: 'plain', source: `${part.name}=` }
  const values = part.value.type === 'Word' ? [word(part.value)] : part.value.elements.map(word)
  return { parts: [name, ...values.flatMap(({ parts }) => parts)], source: part.text, start: part.pos, end: part.end }
}

function assignment(part: Assignment): ShellAssignment {
  const array = part.value.type === 'ArrayValue'
  const values = part.value.type === 'Word' ? [word(part.value)] : part.value.elements.map(word)
  const index = part.index === undefined ? [] : [word(part.index)]
  return {
    name: part.name,
    append: part.append === true || part.index !== undefined,
    array,
    values: [...values, ...index],
  }
}

function redirect(node: Redirection): ShellRedirect {
  const fd = node.descriptor?.type === 'FileDescriptor' ? node.descriptor.value : undefined
  if (node.type === 'HereDoc') return { operator: '<<', fd, target: hereDocument(node) }
  if (node.target === undefined) throw new Unconvertible('redirection without target')
  return { operator: node.operator, fd, target: word(node.target) }
}

function hereDocument(node: HereDoc): ShellWord {
  const { body } = node
  const parts: ShellPart[] =
    body.parts === undefined || node.delimiter?.quoted === true
      ? [{ kind: 'literal', value: body.text, how: 'double', source: body.text }]
      : body.parts.map((child) => part(child, true))
  return { parts, source: body.text, start: body.pos, end: body.end }
}

function word(node: Word): ShellWord {
  const parts = node.parts ?? [{ type: 'Literal', value: node.value, text: node.text, pos: node.pos, end: node.end }]
  return { parts: parts.flatMap(quoted), source: node.text, start: node.pos, end: node.end }
}

function quoted(node: WordPart): ShellPart[] {
  if (node.type === 'DoubleQuoted' || node.type === 'LocaleString') {
    if (node.parts.length === 0) return [{ kind: 'literal', value: '', how: 'double', source: node.text }]
    return node.parts.map((child) => part(child, true))
  }
  return [part(node, false)]
}

function part(node: WordPart | DoubleQuotedChild, inQuotes: boolean): ShellPart {
  switch (node.type) {
    case 'Literal':
      return { kind: 'literal', value: node.value, how: inQuotes ? 'double' : 'plain', source: node.text }
    case 'SingleQuoted':
      return { kind: 'literal', value: node.value, how: 'single', source: node.text }
    case 'AnsiCQuoted':
      return { kind: 'literal', value: node.value, how: 'ansi', source: node.text }
    case 'Glob':
    case 'ExtendedGlob':
      return { kind: 'glob', source: node.text }
    case 'BraceExpansion':
      if (/[$`]/.test(node.text)) throw new Unconvertible('expansion inside braces')
      return { kind: 'brace', source: node.text.replace(/['"]/g, '') }
    case 'SimpleExpansion':
      return {
        kind: 'variable',
        name: node.text.slice(1),
        plain: true,
        quoted: inQuotes,
        indirect: false,
        words: [],
        source: node.text,
      }
    case 'ParameterExpansion': {
      const { operation, index } = node
      const words: Word[] = index === undefined ? [] : [index]
      if (operation !== undefined) {
        for (const value of Object.values(operation) as unknown[]) if (isWord(value)) words.push(value)
      }
      const all = index !== undefined && (index.text === '@' || index.text === '*')
      return {
        kind: 'variable',
        name: all ? `${node.parameter}[${index.text}]` : node.parameter,
        plain:
          (operation === undefined || operation.type === 'Default') &&
          (index === undefined || all) &&
          node.prefix === undefined,
        quoted: inQuotes,
        indirect: node.prefix === '!',
        words: all ? [] : words.map(word),
        source: node.text,
      }
    }
    case 'CommandExpansion':
      if (node.script === undefined || node.script.source !== undefined) throw new Unconvertible('nested backquotes')
      return { kind: 'substitution', script: convertScript(node.script), quoted: inQuotes, source: node.text }
    case 'ProcessSubstitution':
      if (node.script === undefined) throw new Unconvertible('process substitution')
      return { kind: 'process', direction: node.operator, script: convertScript(node.script), source: node.text }
    case 'ArithmeticExpansion':
      return { kind: 'arithmetic', words: arithmeticWords(node.expression), source: node.text }
    case 'DoubleQuoted':
    case 'LocaleString':
      throw new Unconvertible('quotes inside quotes')
  }
}

const isWord = (value: unknown): value is Word =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Word'

function testWords(node: TestExpression): ShellWord[] {
  switch (node.type) {
    case 'TestUnary':
      return [word(node.operand)]
    case 'TestBinary':
      return [word(node.left), word(node.right)]
    case 'TestLogical':
      return node.operands.flatMap(testWords)
    case 'TestNot':
      return testWords(node.operand)
    case 'TestGroup':
      return testWords(node.expression)
  }
}

function arithmeticWords(node: ArithmeticExpression | undefined): ShellWord[] {
  if (node === undefined) return []
  switch (node.type) {
    case 'ArithmeticBinary':
      return [...arithmeticWords(node.left), ...arithmeticWords(node.right)]
    case 'ArithmeticUnary':
      return arithmeticWords(node.operand)
    case 'ArithmeticTernary':
      return [...arithmeticWords(node.test), ...arithmeticWords(node.consequent), ...arithmeticWords(node.alternate)]
    case 'ArithmeticGroup':
      return arithmeticWords(node.expression)
    case 'ArithmeticWord':
      return node.parts === undefined
        ? []
        : [{ parts: node.parts.flatMap(quoted), source: node.value, start: node.pos, end: node.end }]
    case 'ArithmeticCommandExpansion':
      if (node.script === undefined) throw new Unconvertible('arithmetic')
      return [
        {
          parts: [{ kind: 'substitution', script: convertScript(node.script), quoted: true, source: node.text }],
          source: node.text,
          start: node.pos,
          end: node.end,
        },
      ]
  }
}
