import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..')
export const read = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8')

export interface Component {
  readonly id: string
  readonly plane: string
  readonly trust: string
  readonly path: string
  readonly symbol: string
}

export interface Diagram {
  /** Plane id → title. */
  readonly planes: ReadonlyMap<string, string>
  readonly components: readonly Component[]
  /** Trust level → its look. */
  readonly looks: ReadonlyMap<string, string>
  /** Lines inside a plane that are not a component with a citation. */
  readonly strange: readonly string[]
}

const NODE = /^(\w+)\["[^"<]+<br\/>([\w./-]+)#(\w+)"\]:::(\w+)$/

/** Reads the one Mermaid diagram of a page. */
export function readDiagram(page: string): Diagram {
  const text = /```mermaid\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const planes = new Map<string, string>()
  const looks = new Map<string, string>()
  const components: Component[] = []
  const strange: string[] = []
  let plane = ''
  for (const line of text.split('\n').map((each) => each.trim())) {
    const opens = /^subgraph (\w+) \[(.+)\]$/.exec(line)
    const node = NODE.exec(line)
    const look = /^classDef (\w+) (.+)$/.exec(line)
    if (opens !== null) {
      plane = opens[1] ?? ''
      planes.set(plane, opens[2] ?? '')
    } else if (line === 'end') plane = ''
    else if (node !== null) {
      const [, id = '', path = '', symbol = '', trust = ''] = node
      components.push({ id, plane, path, symbol, trust })
    } else if (look !== null) looks.set(look[1] ?? '', look[2] ?? '')
    else if (plane !== '' && line !== '') strange.push(line)
  }
  return { planes, components, looks, strange }
}

/** Why a citation does not hold; undefined when the file exports the symbol. */
export function whyUnresolved({ path, symbol }: Pick<Component, 'path' | 'symbol'>): string | undefined {
  if (!existsSync(resolve(ROOT, path))) return `${path} is not there`
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true)
  const exported = source.statements.flatMap((statement) => {
    if (!ts.canHaveModifiers(statement)) return []
    if (!(ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText())
    const named = statement as ts.Statement & { readonly name?: ts.Identifier }
    return named.name === undefined ? [] : [named.name.text]
  })
  return exported.includes(symbol) ? undefined : `${path} exports no ${symbol}`
}

/** Factories and classes that the composition root takes from the rooms of the gateway: `path#symbol`. */
export function composed(): readonly string[] {
  const directory = 'packages/gateway/src'
  return readdirSync(resolve(ROOT, directory))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => composedBy(`${directory}/${name}`))
}

function composedBy(root: string): readonly string[] {
  const source = ts.createSourceFile(root, read(root), ts.ScriptTarget.Latest, true)
  return source.statements.filter(ts.isImportDeclaration).flatMap((statement) => {
    const { moduleSpecifier, importClause } = statement
    const names = importClause?.namedBindings
    if (!ts.isStringLiteral(moduleSpecifier) || names === undefined || !ts.isNamedImports(names)) return []
    if (!/^\.\/(boundary|control|custody|evidence|execution|ingress|store)\//.test(moduleSpecifier.text)) return []
    if (importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return []
    return names.elements
      .filter(({ isTypeOnly, name }) => !isTypeOnly && /^(create|open|[A-Z][a-z])/.test(name.text))
      .map(({ name }) => `${moduleSpecifier.text.replace('./', 'packages/gateway/src/')}#${name.text}`)
  })
}
