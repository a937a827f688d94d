import { resolve } from 'node:path'
import ts from 'typescript'
import { ours, ROOT } from './program.ts'

export interface Finding {
  readonly rule: string
  readonly file: string
  readonly line: number
}
export interface Rule {
  readonly name: string
  readonly say: string
  find(program: ts.Program): readonly Finding[]
}

const GATEWAY = 'packages/gateway/src/'
const CONTEXTS = `${GATEWAY}boundary/contexts.ts`
const PORTS = `${GATEWAY}boundary/ports.ts`
const CROSSING = `${GATEWAY}boundary/crossing.ts`
const NEW_HOST = 'packages/gateway/src/control/egress/new-host.ts'
const EXECUTOR = `${GATEWAY}execution/executor.ts`
const HANDLER = `${GATEWAY}execution/upstream/handler.ts`
const UPSTREAMS = `${GATEWAY}execution/upstream/upstreams.ts`
const ROOT_OF_COMPOSITION = `${GATEWAY}acting.ts`

/**
 * Steps of the crossing that one file alone may take. `name` is `export` or `export.member` of `of`. Whatever refers to it
 * from elsewhere (call, alias, destructuring, element access, re-export) is a way round.
 */
const RESERVED: readonly {
  readonly name: string
  readonly of: string
  readonly to: readonly string[]
  readonly say: string
}[] = [
  {
    name: 'crossControlBoundary',
    of: CROSSING,
    to: [`${GATEWAY}boundary/boundary.ts`],
    say: 'only the boundary crosses',
  },
  {
    name: 'createExecutor',
    of: EXECUTOR,
    // the stage of replays gives it a handler that answers from a recording
    to: [ROOT_OF_COMPOSITION, `${GATEWAY}assurance/attack/stage.ts`],
    say: 'only the composition root makes an executor',
  },
  {
    name: 'createUpstreamHandler',
    of: HANDLER,
    to: [ROOT_OF_COMPOSITION],
    say: 'only the composition root makes a handler',
  },
  { name: 'ExecutorPort.execute', of: PORTS, to: [CROSSING], say: 'only the crossing calls the executor' },
  { name: 'Handler.run', of: EXECUTOR, to: [EXECUTOR], say: 'only the executor calls a handler' },
  { name: 'Upstreams.call', of: UPSTREAMS, to: [HANDLER], say: 'only the handler sends calls to servers' },
  { name: 'CapabilityPort.issue', of: PORTS, to: [CROSSING], say: 'only the crossing issues tokens' },
  { name: 'CapabilityPort.redeem', of: PORTS, to: [EXECUTOR], say: 'only the executor redeems tokens' },
  {
    name: 'ApprovalPort.redeem',
    of: PORTS,
    to: [EXECUTOR, NEW_HOST],
    say: 'only the executor redeems approvals of calls, and the one who asks about hosts those of hosts',
  },
]

/** Members of `RESERVED` under another name: a port that fits the real method is the real method. */
const DISGUISED = ['ExecutorPort.execute', 'Handler.run', 'Upstreams.call'] as const

const reserved: readonly Rule[] = RESERVED.map(({ name, of, to, say }) => ({
  name,
  say,
  find: (program) => {
    const target = declared(program, of, name)
    const checker = program.getTypeChecker()
    const word = name.split('.').at(-1) ?? ''
    return everywhere(program, name, (node, file) => {
      if (file === of || to.includes(file) || !says(node, word)) return false
      if (isTypeOnly(node)) return false
      return symbolsAt(checker, node).some((symbol) => symbol.declarations?.includes(target) === true)
    })
  },
}))

const disguised: Rule = {
  name: 'second name',
  say: 'a method of the execution plane gets a second declaration, which the other rules would not see',
  find: (program) => {
    const checker = program.getTypeChecker()
    return DISGUISED.flatMap((name) => {
      const { of } = RESERVED.find((entry) => entry.name === name) ?? { of: '' }
      const target = declared(program, of, name)
      const real = checker.getTypeOfSymbol(checker.getSymbolAtLocation(nameOf(target)) as ts.Symbol)
      const word = name.split('.').at(-1) ?? ''
      return everywhere(program, 'second name', (node, file) => {
        const signature = ts.isMethodSignature(node) || ts.isPropertySignature(node)
        if (!signature || node === target || !file.startsWith(GATEWAY) || node.name.getText() !== word) return false
        const other = checker.getTypeAtLocation(node)
        return other.getCallSignatures().length > 0 && checker.isTypeAssignableTo(real, other)
      })
    })
  },
}

/** Outside its file and the crossing, the class is a type and the door `ControlContext.open`; nothing else. */
const onlyCrossingReleases: Rule = {
  name: 'ControlContext',
  say: 'only crossing.ts makes a ControlContext',
  find: (program) => {
    const target = declared(program, CONTEXTS, 'ControlContext')
    const checker = program.getTypeChecker()
    return everywhere(program, 'ControlContext', (node, file) => {
      if (file === CONTEXTS || file === CROSSING || !says(node, 'ControlContext') || isTypeOnly(node)) return false
      if (!symbolsAt(checker, node).some((symbol) => symbol.declarations?.includes(target) === true)) return false
      if (ts.isImportSpecifier(node.parent)) return node.parent.propertyName !== undefined
      const door = ts.isPropertyAccessExpression(node.parent) && node.parent.name.text === 'open'
      return !(door && ts.isCallExpression(node.parent.parent))
    })
  },
}

/** The files that the other rules let pass a context on; elsewhere there is no place that expects one. */
const HOLD_CONTEXTS = [CROSSING, EXECUTOR, HANDLER]

const CONTEXT_TYPES = new Set(['ControlContext', 'ControlState', 'ReasoningContext'])

/** A cast is the one way to hand the compiler a context that is none. */
const noCasts: Rule = {
  name: 'cast',
  say: 'no cast to a context, nor of anything where a context is expected',
  find: (program) => {
    const checker = program.getTypeChecker()
    const context = declared(program, CONTEXTS, 'ControlContext')
    return everywhere(program, 'cast', (node, file) => {
      if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) return false
      if (namesContext(node.type)) return true
      if (!HOLD_CONTEXTS.includes(file)) return false
      const wanted = checker.getContextualType(node)
      return wanted?.getSymbol()?.declarations?.includes(context) === true
    })
  },
}

const namesContext = (type: ts.TypeNode): boolean => {
  let found = false
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && CONTEXT_TYPES.has(node.text)) found = true
    ts.forEachChild(node, visit)
  }
  visit(type)
  return found
}

const IN = (rooms: string): RegExp => new RegExp(`/gateway/src/(${rooms})/`)
/** What agents talk to; `ingress/api/*-routes.ts` but `agent-routes.ts` are the operator's, who may read evidence. */
const AGENT_SIDE = /^packages\/gateway\/src\/(ingress\/(mcp|hooks)|hosts|ingress\/api\/(agent-routes|(?!\w+-routes)))/

/** The rooms of the gateway that a plane must not know, not even by type where `types` says so (AC-1.4.3). */
const WALLS: readonly { readonly from: RegExp; readonly to: RegExp; readonly types: boolean }[] = [
  { from: /^packages\/gateway\/src\/(ingress|hosts)\//, to: IN('execution|custody'), types: true },
  { from: /^packages\/gateway\/src\/(ingress|hosts)\//, to: IN('control'), types: false },
  { from: AGENT_SIDE, to: IN('store|evidence|control'), types: true },
  {
    from: /^packages\/gateway\/src\/(ingress|hosts)\//,
    to: /\/boundary\/(contexts|crossing|delegated)\.ts$/,
    types: true,
  },
  { from: /^packages\/sdk\//, to: /\/packages\/gateway\//, types: true },
  {
    from: /^packages\/gateway\/src\/boundary\//,
    to: IN('ingress|control|execution|evidence|custody|store'),
    types: true,
  },
  { from: /^packages\/gateway\/src\/execution\//, to: IN('ingress|evidence|custody'), types: true },
]

const walls: Rule = {
  name: 'wall',
  say: 'the reasoning side and the boundary know no implementation of control or execution',
  find: (program) =>
    everywhere(program, 'wall', (node, file) => {
      const to = importedFile(node)
      if (to === undefined) return false
      const typeOnly = isTypeImport(node)
      return WALLS.some((wall) => wall.from.test(file) && wall.to.test(to) && (wall.types || !typeOnly))
    }),
}

const CONTROL_NAMES = new Set([...CONTEXT_TYPES, 'ExecutorPort', 'CapabilityPort', 'EvidencePort', 'CrossingPorts'])

const noControlTypes: Rule = {
  name: 'control type',
  say: 'the reasoning side names no type of the control side',
  find: (program) =>
    everywhere(program, 'control type', (node, file) => {
      const reasoning = /^packages\/(sdk|gateway\/src\/(ingress\/mcp|hosts))\//.test(file)
      return reasoning && ts.isIdentifier(node) && CONTROL_NAMES.has(node.text)
    }),
}

export const RULES: readonly Rule[] = [onlyCrossingReleases, ...reserved, disguised, noCasts, walls, noControlTypes]

function everywhere(program: ts.Program, rule: string, broken: (node: ts.Node, file: string) => boolean): Finding[] {
  const findings: Finding[] = []
  for (const [file, source] of ours(program)) {
    const visit = (node: ts.Node): void => {
      if (broken(node, file)) {
        findings.push({ rule, file, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 })
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return findings
}

/** @throws Error when the name is not there: a rule about nothing would always be green. */
function declared(program: ts.Program, file: string, name: string): ts.Declaration {
  const source = [...ours(program)].find(([path]) => path === file)?.[1]
  const [top, member] = name.split('.')
  for (const statement of source?.statements ?? []) {
    if (ts.isVariableStatement(statement)) {
      const found = statement.declarationList.declarations.find((entry) => entry.name.getText() === top)
      if (found !== undefined) return found
    }
    const named =
      ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isFunctionDeclaration(statement)
    if (!named || statement.name?.text !== top) continue
    if (member === undefined) return statement
    const members: readonly ts.Declaration[] = ts.isFunctionDeclaration(statement) ? [] : statement.members
    const found = members.find((entry) => nameOf(entry).getText() === member)
    if (found !== undefined) return found
  }
  throw new Error(`${file} has no ${name}; the rule that guards it must move with it`)
}

const nameOf = (node: ts.Declaration): ts.Node => ts.getNameOfDeclaration(node) ?? node

/** An identifier or a string in brackets that could mean the word. */
const says = (node: ts.Node, word: string): boolean =>
  (ts.isIdentifier(node) && node.text === word) ||
  (ts.isStringLiteralLike(node) && node.text === word && ts.isElementAccessExpression(node.parent))

function symbolsAt(checker: ts.TypeChecker, node: ts.Node): readonly ts.Symbol[] {
  const symbol = checker.getSymbolAtLocation(node)
  const found: ts.Symbol[] = symbol === undefined ? [] : [symbol]
  if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) found.push(checker.getAliasedSymbol(symbol))
  // `const { execute } = ports.executor`: the binding is a symbol of its own, its property is the one that counts.
  const { parent } = node
  if (ts.isBindingElement(parent)) {
    const property = checker
      .getTypeAtLocation(parent.parent)
      .getProperty((parent.propertyName ?? parent.name).getText())
    if (property !== undefined) found.push(property)
  }
  if (ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(node)) {
    const property = checker.getTypeAtLocation(parent.expression).getProperty(node.text)
    if (property !== undefined) found.push(property)
  }
  return found
}

/** Positions where a name is only a type, or part of an import that is reported where it is used. */
function isTypeOnly(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (ts.isExpressionWithTypeArguments(at)) return !extendsClass(at)
    if (ts.isTypeNode(at)) return true
    if (ts.isImportDeclaration(at))
      return at.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || !renames(node)
    if (ts.isExportDeclaration(at)) return at.isTypeOnly
    if (ts.isStatement(at)) return false
  }
  return false
}

const extendsClass = ({ parent }: ts.ExpressionWithTypeArguments): boolean =>
  ts.isHeritageClause(parent) && parent.token === ts.SyntaxKind.ExtendsKeyword && ts.isClassLike(parent.parent)

const renames = (node: ts.Node): boolean => ts.isImportSpecifier(node.parent) && node.parent.propertyName !== undefined

/** Path of the file that a module specifier names; for packages the folder of ours that carries the name. */
function importedFile(node: ts.Node): string | undefined {
  const specifier = specifierOf(node)
  if (specifier === 'sallyport') return `${ROOT}/packages/gateway/src/index.ts`
  return specifier?.startsWith('.') === true ? resolve(node.getSourceFile().fileName, '..', specifier) : undefined
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node
    return moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return node.argument.literal.text
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [specifier] = node.arguments
    return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined
  }
  return undefined
}

function isTypeImport(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  if (!ts.isImportDeclaration(node)) return false
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((one) => one.isTypeOnly)
  )
}
