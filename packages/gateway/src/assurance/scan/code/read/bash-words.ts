import type { Expr } from '../syntax.ts'
import { literal, measure, name, nothing, place, unescaped } from './build.ts'
import { childOf, namedOf, ofType, type Syntax } from './tree.ts'

type Output = (nodes: readonly Syntax[]) => Expr

/** Reads words of a shell script; `output` gives what commands print. */
export function createBashWords(text: string, output: Output) {
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))

  function word(node: Syntax): Expr {
    switch (node.type) {
      case 'raw_string':
        return literal(node, of(node).slice(1, -1))
      case 'ansi_c_string':
        return literal(node, unescaped(of(node).slice(2, -1)))
      case 'string':
        return quoted(node)
      case 'heredoc_body':
        return namedOf(node).length === 0 ? template(node) : quoted(node)
      case 'concatenation':
        return { k: 'join', parts: namedOf(node).map(word), ...place(node) }
      case 'simple_expansion':
        return variable(node, of(node).replace(/^\$/, ''))
      case 'expansion':
        return expansion(node)
      case 'command_substitution':
        return printed(node)
      case 'arithmetic_expansion':
        return measure(node, /\bRANDOM\b/.test(of(node)) ? [variable(node, 'RANDOM')] : [])
      case 'process_substitution':
        return { k: 'other', parts: [output(namedOf(node))], ...place(node) }
      case 'variable_name':
        return variable(node, of(node))
      case 'command_name':
        return namedOf(node).map(word)[0] ?? nothing(node)
      case 'array':
        return { k: 'list', items: namedOf(node).map(word), ...place(node) }
      default:
        return literal(node, of(node).replace(/\\([\s\S])/g, '$1'))
    }
  }

  /** `$(cat)` is what the script is given to read. */
  function printed(node: Syntax): Expr {
    const nodes = namedOf(node)
    return /^\$\(\s*(?:cat|cat -|cat \/dev\/stdin|<\s*\/dev\/stdin)\s*\)$/.test(of(node))
      ? name(node, '$REPLY')
      : output(nodes)
  }

  function variable(node: Syntax, label: string): Expr {
    if (label === 'RANDOM') return { k: 'call', callee: name(node, '$RANDOM'), args: [], ...place(node) }
    return name(node, `$${label}`)
  }

  /** The text between the parts is in no node of its own. */
  function quoted(node: Syntax): Expr {
    const edge = node.type === 'string' ? 1 : 0
    const parts: Expr[] = []
    let from = node.at + edge
    const upTo = (end: number): void => {
      if (end > from)
        parts.push({ k: 'text', value: text.slice(from, end).replace(/\\(["$`\\\n])/g, '$1'), at: from, end })
    }
    for (const child of namedOf(node)) {
      if (!/^(?:simple_expansion|expansion|command_substitution|arithmetic_expansion)$/.test(child.type)) continue
      upTo(child.at)
      parts.push(word(child))
      from = child.end
    }
    upTo(node.end - edge)
    const [only] = parts
    if (only === undefined) return literal(node, '')
    return parts.length === 1 && only.k === 'text' ? { ...only, ...place(node) } : { k: 'join', parts, ...place(node) }
  }

  /** A here document, of which the grammar gives the text alone. */
  function template(node: Syntax): Expr {
    const parts: Expr[] = []
    let from = 0
    const written = of(node)
    for (const match of written.matchAll(/\$(?:\{(\w+)[^}]*\}|(\w+|[@*]))|\$\([^)]*\)/g)) {
      parts.push(literal(node, written.slice(from, match.index)))
      const label = match[1] ?? match[2]
      parts.push(label === undefined ? { k: 'other', parts: [], ...place(node) } : variable(node, label))
      from = match.index + match[0].length
    }
    parts.push(literal(node, written.slice(from)))
    return { k: 'join', parts, ...place(node) }
  }

  /** `${x:-default}`, `${x##*\/}`, `${x//[^a-z]/}`, `${#x}`, `${x@Q}`. */
  function expansion(node: Syntax): Expr {
    const written = of(node)
    const inner = ofType(node, 'variable_name', 'special_variable_name', 'subscript')
    if (inner === undefined || written.startsWith('${#')) return measure(node, [])
    const value = variable(
      node,
      (inner.type === 'subscript' ? of(childOf(inner, 'name')) : of(inner)).replace(/\[.*$/, ''),
    )
    const operator = written.slice(inner.end - node.at, -1)
    const method = (label: string, args: readonly Expr[]): Expr => ({
      k: 'call',
      callee: { k: 'member', object: value, name: label, ...place(node) },
      args: args.map((one) => ({ value: one })),
      ...place(node),
    })
    if (operator.startsWith('##*/')) return method('basename', [])
    if (operator.startsWith('@Q')) return method('shellescape', [])
    if (operator.startsWith('/')) {
      const [pattern = '', by = ''] = operator.replace(/^\/\/?/, '').split('/')
      const source = pattern.startsWith('[!') ? `[^${pattern.slice(2)}` : pattern
      const filler = /^"?\$\{?(?<label>\w+)\}?"?$/.exec(by)?.groups?.['label']
      return method('gsub', [
        { k: 'pattern', source, ...place(node) },
        filler === undefined ? literal(node, by) : variable(node, filler),
      ])
    }
    if (/^:?[-=]/.test(operator)) {
      const fallback = namedOf(node).at(-1)
      if (fallback !== undefined && fallback !== inner)
        return {
          k: 'call',
          callee: name(node, '$default'),
          args: [{ value }, { value: word(fallback) }],
          ...place(node),
        }
    }
    return value
  }

  /** `subject == label`, where the label may be a pattern. */
  function pattern(subject: Expr, label: Syntax): Expr {
    const at = place(label)
    const written = of(label)
    const read = word(label)
    if (read.k === 'text' && !/[*?[]/.test(written))
      return { k: 'compare', op: 'equal', left: subject, right: read, ...at }
    // "$root"/*
    if (/\/\??\*{1,2}$/.test(written) && (read.k === 'join' || /^\/[\w./-]+\/\*$/.test(written))) {
      const parts = (read.k === 'join' ? read.parts : [read]).map((part) =>
        part.k === 'text' ? { ...part, value: part.value.replace(/\??\*{1,2}$/, '') } : part,
      )
      return {
        k: 'call',
        callee: { k: 'member', object: subject, name: 'startsWith', ...at },
        args: [{ value: { k: 'join', parts, ...at } }],
        ...at,
      }
    }
    const refused = /^\*\[[!^](?<kept>[^\]]+)\]\*$/.exec(written)?.groups?.['kept']
    if (refused !== undefined) {
      const allowed: Expr = {
        k: 'compare',
        op: 'matches',
        left: subject,
        right: literal(label, `^[${refused}]*$`),
        ...at,
      }
      return { k: 'not', operand: allowed, ...at }
    }
    if (/\.\./.test(written) && written.startsWith('*'))
      return { k: 'compare', op: 'in', left: literal(label, '..'), right: subject, ...at }
    const prefix = /^(?<prefix>[a-z]+:\/\/[^*?[\]]+\/)\*$/.exec(written)?.groups?.['prefix']
    if (prefix !== undefined)
      return {
        k: 'call',
        callee: { k: 'member', object: subject, name: 'startsWith', ...at },
        args: [{ value: literal(label, prefix) }],
        ...at,
      }
    return measure(label, [subject, read])
  }

  return { word, pattern }
}
