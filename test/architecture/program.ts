import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..')

const SOURCES = ['packages/core/src', 'packages/sdk/src', 'packages/gateway/src']

/** Everything that ships; tests and their fixtures may build contexts of their own. */
const shipped = (): string[] =>
  SOURCES.filter((folder) => existsSync(resolve(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|\/(fixtures|node_modules)\//.test(file))
    .sort()

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['source'],
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
}

const parsed = new Map<string, ts.SourceFile>()

/** The program of the repository, with `planted` files (path → text) added or put in place of those on disk. */
export function compile(planted: Readonly<Record<string, string>> = {}, before?: ts.Program): ts.Program {
  const overlay = new Map(Object.entries(planted).map(([file, text]) => [resolve(ROOT, file), text]))
  const host = ts.createCompilerHost(OPTIONS, true)
  const fileExists = host.fileExists.bind(host)
  const getSourceFile = host.getSourceFile.bind(host)
  const readFile = host.readFile.bind(host)
  host.getCurrentDirectory = () => ROOT
  host.fileExists = (file) => overlay.has(file) || fileExists(file)
  host.readFile = (file) => overlay.get(file) ?? readFile(file)
  host.getSourceFile = (file, version, onError) => {
    const text = overlay.get(file)
    if (text !== undefined) return ts.createSourceFile(file, text, version, true)
    const known = parsed.get(file) ?? getSourceFile(file, version, onError)
    if (known !== undefined) parsed.set(file, known)
    return known
  }
  const roots = [...new Set([...shipped(), ...Object.keys(planted)])].map((file) => resolve(ROOT, file))
  return ts.createProgram(roots, OPTIONS, host, before)
}

/** Source files of ours, with their path from the repository root. */
export function* ours(program: ts.Program): Generator<readonly [file: string, source: ts.SourceFile]> {
  for (const source of program.getSourceFiles()) {
    if (source.fileName.startsWith(`${ROOT}/`) && !source.fileName.includes('/node_modules/')) {
      yield [source.fileName.slice(ROOT.length + 1), source]
    }
  }
}

export const textOf = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8')
