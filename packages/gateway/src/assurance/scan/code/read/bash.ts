import type { Argument, Case, Expr, Func, SourceUnit, Stmt } from '../syntax.ts'
import { createBashWords } from './bash-words.ts'
import { doing, literal, name, nothing, place } from './build.ts'
import { childOf, childrenOf, namedOf, ofType, type Syntax } from './tree.ts'

/** Programs that run what they read from their input. */
const SHELLS = /^(?:\/(?:usr\/)?bin\/)?(?:ba|z|da|k|a)?sh$/
const INTERPRETERS = /^(?:python[\d.]*|node|perl|ruby|php|lua)$/
const SQL_CLIENTS = /^(?:psql|mysql|mariadb|sqlite3|sqlcmd|clickhouse-client|duckdb|bq|cqlsh)$/

/** Reads the tree of a shell script. Variables go by `$NAME`, programs by their name. */
export function readBash(root: Syntax, text: string): SourceUnit {
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))
  const { word, pattern } = createBashWords(text, output)
  const body = (nodes: readonly Syntax[]): readonly Stmt[] => nodes.flatMap((node) => statement(node))

  function statement(node: Syntax): readonly Stmt[] {
    switch (node.type) {
      case 'variable_assignment':
        return [assignment(node)]
      case 'variable_assignments':
        return namedOf(node).map(assignment)
      case 'declaration_command':
        return namedOf(node).flatMap((one) => (one.type === 'variable_assignment' ? [assignment(one)] : []))
      case 'function_definition': {
        const fn: Func = {
          name: of(childOf(node, 'name')),
          params: PARAMS.map((param) => ({ target: { k: 'name', name: param } })),
          body: body(namedOf(childOf(node, 'body'))),
          decorators: [],
          open: false,
          ...place(node),
        }
        return [{ k: 'define', name: fn.name ?? '', fn, ...place(node) }]
      }
      case 'if_statement':
        return [conditional(node)]
      case 'case_statement':
        return [caseOf(node)]
      case 'for_statement': {
        const variable = of(childOf(node, 'variable'))
        const values = childrenOf(node, 'value').map(word)
        return [
          {
            k: 'loop',
            target: { k: 'name', name: `$${variable}` },
            over: values.length === 0 ? name(node, '$@') : { k: 'list', items: values, ...place(node) },
            body: body(namedOf(childOf(node, 'body'))),
            ...place(node),
          },
        ]
      }
      case 'while_statement': {
        const conditions = childrenOf(node, 'condition').filter(({ named }) => named)
        return [...body(conditions), { k: 'loop', body: body(namedOf(childOf(node, 'body'))), ...place(node) }]
      }
      case 'c_style_for_statement':
        return [{ k: 'loop', body: body(namedOf(childOf(node, 'body'))), ...place(node) }]
      case 'redirected_statement': {
        const inner = childOf(node, 'body')
        const redirects = childrenOf(node, 'redirect')
        const input = redirects.find(({ type }) => type === 'heredoc_redirect' || type === 'herestring_redirect')
        const fed = input === undefined || inner === undefined ? [] : fedBy(inner, feedOf(input))
        return [...(inner === undefined ? [] : statement(inner)), ...fed, ...redirects.flatMap((one) => redirect(one))]
      }
      case 'pipeline':
        return pipeline(node)
      case 'list':
        return [list(node)]
      case 'negated_command':
      case 'subshell':
      case 'compound_statement':
      case 'do_group':
      case 'program':
      case 'ERROR':
      case 'elif_clause':
      case 'else_clause':
        return body(namedOf(node))
      case 'command':
        return command(node)
      case 'test_command':
        return [doing(node, condition(node))]
      default:
        return []
    }
  }

  function assignment(node: Syntax): Stmt {
    const value = childOf(node, 'value')
    const target = of(childOf(node, 'name'))
    const appends = of(node).startsWith(`${target}+=`)
    const read: Expr =
      value === undefined
        ? literal(node, '')
        : value.type === 'array'
          ? { k: 'list', items: namedOf(value).map(word), ...place(value) }
          : word(value)
    return {
      k: 'bind',
      target: { k: 'name', name: `$${target}` },
      value: read,
      how: appends ? 'append' : 'set',
      ...place(node),
    }
  }

  function command(node: Syntax): readonly Stmt[] {
    const before = childrenOf(node, 'redirect').flatMap((one) => redirect(one))
    const settings = namedOf(node)
      .filter(({ type }) => type === 'variable_assignment')
      .map(assignment)
    const here = ofType(node, 'herestring_redirect')
    const fed = here === undefined ? [] : fedBy(node, feedOf(here))
    const label = programOf(node)
    if (label === 'read') return [...settings, ...reads(node), ...before]
    if (label === 'exit' || label === 'return' || label === 'break' || label === 'continue' || label === 'die')
      return [{ k: 'leave', value: call(node), ...place(node) }]
    return [...settings, doing(node, call(node)), ...fed, ...before]
  }

  const programOf = (node: Syntax): string => of(childOf(node, 'name'))

  /** `read -r a b`: the values come from outside. */
  const reads = (node: Syntax): readonly Stmt[] =>
    childrenOf(node, 'argument')
      .filter((one) => /^[A-Za-z_]\w*$/.test(of(one)))
      .map((one): Stmt => ({
        k: 'bind',
        target: { k: 'name', name: `$${of(one)}` },
        value: name(one, '$REPLY'),
        how: 'set',
        ...place(node),
      }))

  function call(node: Syntax): Expr {
    const program = childOf(node, 'name')
    const [written] = namedOf(program)
    const args = childrenOf(node, 'argument').map((one): Argument => ({ value: word(one) }))
    const read = written === undefined ? nothing(node) : word(written)
    if (read.k === 'text')
      return {
        k: 'call',
        callee: name(node, read.value.replace(/^\/(?:usr\/)?(?:local\/)?s?bin\//, '')),
        args,
        ...place(node),
      }
    return {
      k: 'call',
      callee: name(node, '$command'),
      args: /^"?\$[@*{]/.test(of(written)) ? [] : [{ value: read }, ...args],
      ...place(node),
    }
  }

  /** What a program prints is made of what it is given to read. */
  function withInput(node: Syntax, made: Expr): Expr {
    const here = ofType(node, 'herestring_redirect')
    const fed = here === undefined ? undefined : feedOf(here)
    return fed === undefined || made.k !== 'call' ? made : { ...made, args: [...made.args, { value: fed }] }
  }

  /** What a command prints. */
  function output(nodes: readonly Syntax[]): Expr {
    const last = nodes.at(-1)
    if (last === undefined) return { k: 'text', value: '', at: 0, end: 0 }
    switch (last.type) {
      case 'command':
        return withInput(last, call(last))
      case 'pipeline': {
        const stages = namedOf(last)
        const outputs = stages.map((stage) => output([stage]))
        const final = outputs.at(-1)
        // filters pass on what they read
        return final?.k === 'call' && outputs.length > 1
          ? { ...final, args: [...final.args, ...outputs.slice(0, -1).map((value) => ({ value }))] }
          : (final ?? nothing(last))
      }
      case 'redirected_statement':
        return withInput(last, output([childOf(last, 'body') ?? last].filter((one) => one !== last)))
      case 'list':
      case 'subshell':
      case 'compound_statement':
        return output(namedOf(last))
      default:
        return { k: 'other', parts: [], ...place(last) }
    }
  }

  function pipeline(node: Syntax): readonly Stmt[] {
    const stages = namedOf(node)
    const statements = stages.flatMap((stage) => statement(stage))
    const fed = stages.slice(1).flatMap((stage, i) => fedBy(stage, output(stages.slice(0, i + 1).slice(-1))))
    return [...statements, ...fed]
  }

  /** A shell, an interpreter or a client of a database that reads its program from its input. */
  function fedBy(node: Syntax, input: Expr | undefined): readonly Stmt[] {
    const inner = node.type === 'redirected_statement' ? (childOf(node, 'body') ?? node) : node
    if (inner.type !== 'command' || input === undefined) return []
    const words = [programOf(inner), ...childrenOf(inner, 'argument').map((one) => of(one))]
    const at = words.findIndex(
      (one, i) =>
        i === 0 || !/^(?:-\S*|\w+=.*|root)$/.test(one) || !/^(?:sudo|env|nohup|exec|command)$/.test(words[0] ?? ''),
    )
    const start = /^(?:sudo|env|nohup|exec|command)$/.test(words[0] ?? '')
      ? words.findIndex((one, i) => i > 0 && !/^-|=/.test(one))
      : at
    const program = words[start] ?? ''
    const rest = words.slice(start + 1)
    const reads = rest.every((one) => one.startsWith('-')) || rest[0] === '-s' || rest[0] === '-'
    const callee =
      (SHELLS.test(program) || INTERPRETERS.test(program)) && reads && !rest.includes('-c')
        ? '|sh'
        : SQL_CLIENTS.test(program)
          ? '|sql'
          : undefined
    return callee === undefined
      ? []
      : [
          doing(node, {
            k: 'call',
            callee: name(node, callee),
            args: [{ value: input }, { name: 'program', value: literal(node, program) }],
            ...place(node),
          }),
        ]
  }

  function feedOf(node: Syntax): Expr | undefined {
    if (node.type === 'herestring_redirect') {
      const [value] = namedOf(node)
      return value === undefined ? undefined : word(value)
    }
    const start = of(ofType(node, 'heredoc_start'))
    const inner = ofType(node, 'heredoc_body')
    if (inner === undefined) return undefined
    return /["'\\]/.test(start) ? literal(inner, of(inner)) : word(inner)
  }

  function redirect(node: Syntax): readonly Stmt[] {
    if (node.type !== 'file_redirect') return []
    const destination = childOf(node, 'destination')
    if (destination === undefined) return []
    const value = word(destination)
    const written = of(destination).replace(/^"/, '')
    if (written.startsWith('/dev/tcp/') || written.startsWith('/dev/udp/')) {
      const parts = value.k === 'join' ? value.parts : [value]
      const host: Expr = {
        k: 'join',
        parts: parts.map((part) =>
          part.k === 'text' ? { ...part, value: part.value.replace(/^\/dev\/(?:tcp|udp)\//, '//') } : part,
        ),
        ...place(node),
      }
      return [doing(node, { k: 'call', callee: name(node, '/dev/tcp'), args: [{ value: host }], ...place(node) })]
    }
    const sign = of(node).includes('<') ? '<' : '>'
    return [doing(node, { k: 'call', callee: name(node, sign), args: [{ value }], ...place(node) })]
  }

  /** `a && b || c`. */
  function list(node: Syntax): Stmt {
    const [left, right] = namedOf(node)
    if (left === undefined || right === undefined)
      return { k: 'block', body: left === undefined ? [] : statement(left), ...place(node) }
    const isOr = text.slice(left.end, right.at).includes('||')
    const test = condition(left)
    const before =
      left.type === 'list' || left.type === 'test_command' || left.type === 'command' ? [] : statement(left)
    return {
      k: 'block',
      body: [
        ...(left.type === 'list' ? statement(left) : before),
        { k: 'if', test, body: isOr ? [] : statement(right), otherwise: isOr ? statement(right) : [], ...place(node) },
      ],
      ...place(node),
    }
  }

  function conditional(node: Syntax): Stmt {
    const tests = childrenOf(node, 'condition').filter(({ named }) => named)
    const rest = namedOf(node).filter((child) => child.field !== 'condition')
    const main = rest.filter(({ type }) => type !== 'elif_clause' && type !== 'else_clause')
    const others = rest.filter(({ type }) => type === 'elif_clause' || type === 'else_clause')
    const last = tests.at(-1)
    return {
      k: 'if',
      test: last === undefined ? nothing(node) : condition(last),
      body: body(main),
      otherwise: otherwise(others),
      ...place(node),
    }
  }

  function otherwise([next, ...rest]: readonly Syntax[]): readonly Stmt[] {
    if (next === undefined) return []
    if (next.type === 'else_clause') return body(namedOf(next))
    const [test, ...main] = namedOf(next)
    return [
      {
        k: 'if',
        test: test === undefined ? nothing(next) : condition(test),
        body: body(main),
        otherwise: otherwise(rest),
        ...place(next),
      },
    ]
  }

  function condition(node: Syntax): Expr {
    switch (node.type) {
      case 'test_command':
      case 'parenthesized_expression': {
        const [inner] = namedOf(node)
        return inner === undefined ? nothing(node) : condition(inner)
      }
      case 'negated_command': {
        const [inner] = namedOf(node)
        return { k: 'not', operand: inner === undefined ? nothing(node) : condition(inner), ...place(node) }
      }
      case 'unary_expression': {
        const inner = namedOf(node).at(-1)
        if (of(node).startsWith('!') && inner !== undefined)
          return { k: 'not', operand: condition(inner), ...place(node) }
        return { k: 'measure', parts: inner === undefined ? [] : [word(inner)], ...place(node) }
      }
      case 'binary_expression':
        return compared(node)
      case 'list': {
        const [left, right] = namedOf(node)
        if (left === undefined || right === undefined) return nothing(node)
        const k = text.slice(left.end, right.at).includes('||') ? 'or' : 'and'
        return { k, left: condition(left), right: condition(right), ...place(node) }
      }
      case 'command':
        return call(node)
      case 'pipeline':
      case 'redirected_statement':
        return output([node])
      default:
        return { k: 'measure', parts: [], ...place(node) }
    }
  }

  function compared(node: Syntax): Expr {
    const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
    const operator = of(childOf(node, 'operator'))
    if (left === undefined || right === undefined) return nothing(node)
    if (operator === '&&' || operator === '-a')
      return { k: 'and', left: condition(left), right: condition(right), ...place(node) }
    if (operator === '||' || operator === '-o')
      return { k: 'or', left: condition(left), right: condition(right), ...place(node) }
    const refused = left.type === 'unary_expression' && of(left).startsWith('!') ? namedOf(left).at(-1) : undefined
    if (refused !== undefined) return { k: 'not', operand: comparison(node, operator, refused, right), ...place(node) }
    return comparison(node, operator, left, right)
  }

  function comparison(node: Syntax, operator: string, left: Syntax, right: Syntax): Expr {
    if (operator === '=~')
      return { k: 'compare', op: 'matches', left: word(left), right: literal(right, of(right)), ...place(node) }
    if (operator === '==' || operator === '=') return pattern(word(left), right)
    if (operator === '!=') return { k: 'not', operand: pattern(word(left), right), ...place(node) }
    return { k: 'measure', parts: [word(left), word(right)], ...place(node) }
  }

  /** A case becomes a chain of tests: a label may be a pattern. */
  function caseOf(node: Syntax): Stmt {
    const subject = childOf(node, 'value')
    const items = node.children.filter(({ type }) => type === 'case_item')
    const cases = items.map((item): Case => {
      const labels = childrenOf(item, 'value')
      const inner = namedOf(item).filter((child) => child.field !== 'value')
      if (subject === undefined || labels.some((label) => of(label) === '*')) return { labels: [], body: body(inner) }
      return { labels: labels.map((label) => pattern(word(subject), label)), body: body(inner) }
    })
    return chained(cases, node)
  }

  function chained([first, ...rest]: readonly Case[], node: Syntax): Stmt {
    if (first === undefined) return { k: 'block', body: [], ...place(node) }
    const test = first.labels.reduce<Expr | undefined>(
      (all, label) => (all === undefined ? label : { k: 'or', left: all, right: label, ...place(node) }),
      undefined,
    )
    if (test === undefined) return { k: 'block', body: first.body, ...place(node) }
    return {
      k: 'if',
      test,
      body: first.body,
      otherwise: rest.length === 0 ? [] : [chained(rest, node)],
      ...place(node),
    }
  }

  return { body: body(namedOf(root)), complete: true, size: text.length }
}

const PARAMS = ['$1', '$2', '$3', '$4', '$5', '$6', '$7', '$8', '$9']
