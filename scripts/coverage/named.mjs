// Which requirement and threat IDs the tests name, and where.
import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import ts from 'typescript'

const ID =
  /(?<![\w.-])(?:SC\d|O\d|(?:SEC-\d\.\d|(?:AC|ND)-\d\.\d\.\w|INV-\d+|FV-\d|TM-[A-Z]+(?:-\d+)?|HB-\d+|SYS-\d+|E-\d\d|T-\d{3}))(?![\w-]|\.\d)/g

const TEST_FILE = /^(packages\/[^/]+\/src|test)\/.*\.test\.ts$/
const BLOCKS = new Set(['test', 'it', 'describe', 'suite'])
const OFF = new Set(['skip', 'todo'])
/** `%s` and `$name`: the name of a row of `.each` comes from its table. */
const FROM_TABLE = /%[sjo]|\$[a-z]/i

/** Test files that git knows or would take, relative to the repository root. */
function testFiles(root) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  return [...new Set(listed.split('\0'))].filter((file) => TEST_FILE.test(file)).sort()
}

/** @returns {{ id: string, file: string, line: number }[]} one entry for each ID in the name of a test that runs */
export function namedIn(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const tables = tablesOf(source)
  const found = []
  const visit = (node) => {
    const block = ts.isCallExpression(node) ? blockOf(node) : undefined
    if (block?.off) return
    if (block !== undefined) {
      for (const literal of [node.arguments[0], ...block.rows(tables)]) {
        for (const { text: said, at } of stringsIn(literal)) {
          const line = source.getLineAndCharacterOfPosition(at).line + 1
          for (const [id] of said.matchAll(ID)) found.push({ id, file, line })
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** All IDs that tests name: id → places, in the order of files and lines. */
export function namedUnder(root) {
  const places = new Map()
  for (const file of testFiles(root)) {
    for (const { id, ...place } of namedIn(file, readFileSync(`${root}/${file}`, 'utf8'))) {
      const of = places.get(id) ?? []
      if (!of.some((other) => other.file === place.file && other.line === place.line)) of.push(place)
      places.set(id, of)
    }
  }
  return places
}

/** `test(…)`, `describe.runIf(x)(…)`, `it.each(table)(…)`: what kind of block a call is, or undefined. */
function blockOf(call) {
  const modifiers = []
  let table
  let at = call.expression
  while (!ts.isIdentifier(at)) {
    if (ts.isPropertyAccessExpression(at)) {
      modifiers.push(at.name.text)
      at = at.expression
    } else if (ts.isCallExpression(at)) {
      const inner = at.expression
      if (ts.isPropertyAccessExpression(inner) && ['each', 'for'].includes(inner.name.text)) table = at.arguments[0]
      at = inner
    } else if (ts.isTaggedTemplateExpression(at)) {
      at = at.tag
    } else return undefined
  }
  if (!BLOCKS.has(at.text) || call.arguments.length < 2) return undefined
  const name = call.arguments[0]
  const named = name !== undefined && stringsIn(name).some(({ text }) => FROM_TABLE.test(text))
  return {
    off: modifiers.some((modifier) => OFF.has(modifier)),
    rows: (tables) => (table === undefined || !named ? [] : [resolve(table, tables)]),
  }
}

const resolve = (table, tables) => (ts.isIdentifier(table) ? (tables.get(table.text) ?? table) : table)

/** Constants of the file that a table may be written in. */
function tablesOf(source) {
  const tables = new Map()
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      tables.set(node.name.text, node.initializer)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return tables
}

function stringsIn(node) {
  const strings = []
  const visit = (at) => {
    if (ts.isFunctionLike(at)) return
    if (ts.isStringLiteralLike(at) || ts.isTemplateHead(at) || ts.isTemplateMiddle(at) || ts.isTemplateTail(at)) {
      strings.push({ text: at.text, at: at.getStart() })
    }
    ts.forEachChild(at, visit)
  }
  visit(node)
  return strings
}
