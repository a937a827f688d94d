import { dirname, join, relative, resolve } from 'node:path'
import type { Severity } from '@sallyport/core'
import type { HostFiles } from '../posture/hosts/files.ts'
import { findingAt, type ScanFinding } from '../scan/finding.ts'
import { subjectFile } from '../scan/files/decode.ts'
import { judgeScript } from '../scan/scripts/commands.ts'
import type { ScanDeps } from '../scan/skill/deps.ts'
import { scanSkill } from '../scan/skill/scan-skill.ts'
import { KINDS, worst, type Kind, type Started } from './started.ts'

/** A row before its kind has said the rest. `line` from 1. */
interface Row {
  readonly kind: Kind
  readonly when: string
  readonly what: string
  readonly file: string
  readonly line?: number
  readonly severity: Severity
}

/** What the readers of an inspection work with. */
export interface Bench {
  /** Absolute. */
  readonly root: string
  readonly deps: ScanDeps
  readonly files: HostFiles
  /** Text of a file by its path in the folder; undefined where there is none or it could not be read, which is noted once. */
  read(path: string): Promise<string | undefined>
  row(row: Row): void
  finding(finding: ScanFinding): void
  /** A row for a command line: what it would do, and what the scripts of the folder that it names would, make it graver. */
  command(row: Row & { readonly command: string }): Promise<void>
  /** How grave a script of the folder is, with its findings kept. */
  script(path: string): Promise<Severity>
}

/** Larger programs are bundles that nobody wrote by hand; they are named and not judged. */
const LARGEST_SCRIPT = 400_000

/** Nobody writes longer files of these kinds by hand. */
const LARGEST_TEXT = 2_000_000
/** Command lines of one inspection. */
const MOST_COMMANDS = 2000

export function createBench(
  root: string,
  {
    deps,
    files,
    rows,
    findings,
  }: { readonly deps: ScanDeps; readonly files: HostFiles; readonly rows: Started[]; readonly findings: ScanFinding[] },
): Bench {
  let commands = 0
  const texts = new Map<string, Promise<string | undefined>>()
  const judged = new Map<string, Promise<Severity>>()

  const row = ({ kind, when, what, file, line = 1, severity }: Row): void => {
    const [title, why, fix] = KINDS[kind]
    rows.push({
      id: `inspect.${kind}`,
      severity,
      title,
      file,
      line,
      column: 1,
      evidence: shorten(what),
      why,
      fix,
      when,
      what: shorten(what),
    })
  }

  const load = async (path: string): Promise<string | undefined> => {
    const full = join(root, path)
    const known = await files.look(full, false)
    if (known.state === 'absent' || known.state === 'folder') return undefined
    if (known.target !== undefined && !isInside(root, known.target)) {
      row({ kind: 'link', when: 'it is loaded', what: `link to ${known.target}`, file: path, severity: 'high' })
      return undefined
    }
    const file = await files.look(full, true)
    if (file.text !== undefined && file.text.length <= LARGEST_TEXT) return file.text
    const what = file.why ?? `It has ${file.text?.length ?? 0} characters; ${LARGEST_TEXT} are read.`
    row({ kind: 'unreadable', when: 'it is loaded', what, file: path, severity: 'high' })
    return undefined
  }

  const read = (path: string): Promise<string | undefined> => {
    const known = texts.get(path) ?? load(path)
    texts.set(path, known)
    return known
  }

  const scan = async (path: string): Promise<Severity> => {
    const text = await read(path)
    if (text === undefined) return 'info'
    if (text.length > LARGEST_SCRIPT) {
      row({
        kind: 'unreadable',
        when: 'it is run',
        what: `a program of ${text.length} characters, which was not judged`,
        file: path,
        severity: 'low',
      })
      return 'low'
    }
    const subject = { name: path, files: [subjectFile(path, Buffer.from(text))], notes: [] }
    const found = (await scanSkill(subject, deps)).filter(({ id }) => !NOT_HERE.test(id)).map(asInspected)
    findings.push(...found)
    return worst('info', ...found.map(({ severity }) => severity))
  }

  const script = (path: string): Promise<Severity> => {
    const known = judged.get(path) ?? scan(path)
    judged.set(path, known)
    return known
  }

  return {
    root,
    deps,
    files,
    read,
    row,
    script,
    finding: (finding) => void findings.push(finding),
    async command({ command, ...rest }) {
      if (++commands > MOST_COMMANDS) {
        if (commands === MOST_COMMANDS + 1)
          row({
            ...rest,
            kind: 'unreadable',
            what: `More than ${MOST_COMMANDS} commands; those from here on were not judged.`,
            severity: 'high',
          })
        return
      }
      const hits = judgeScript(command, deps.parse).map(({ rule, start, end }) =>
        findingAt({ ...rule, id: `inspect.${rule.id}` }, rest.file, command, start, end),
      )
      for (const hit of hits) findings.push({ ...hit, line: rest.line ?? 1, column: 1 })
      const named = await Promise.all(scriptsIn(command, dirname(rest.file)).map((path) => script(path)))
      row({ ...rest, severity: worst(rest.severity, ...hits.map(({ severity }) => severity), ...named) })
    },
  }
}

/** What a scan says of skills as such, and not of a script. */
const NOT_HERE = /\.starts-itself$|^skill\.capability\./
const asInspected = (finding: ScanFinding): ScanFinding => ({
  ...finding,
  id: finding.id.replace(/^skill\./, 'inspect.'),
})

const isInside = (root: string, path: string): boolean => {
  const way = relative(resolve(root), path)
  return way !== '..' && !way.startsWith('../')
}

/** Programs of the folder that a command line names, as paths in it: from its top, and beside the file that holds the line. */
export function scriptsIn(command: string, folder: string): readonly string[] {
  const names = [
    ...command.matchAll(
      /(?:^|[\s'"=(;&|])((?:\$\{?[A-Za-z_]\w*(?::[^}]{0,100})?\}?\/|\.{0,2}\/)?[\w@.-]+(?:\/[\w@.-]+)*)/g,
    ),
  ]
    .map(([, name = '']) => name.replace(/^\$\{?[A-Za-z_]\w*(?::[^}]{0,100})?\}?\//, '').replace(/^\.\//, ''))
    .filter(
      (name) =>
        !name.startsWith('/') &&
        (/\.(?:[cm]?[jt]s|py|sh|bash|zsh|rb|pl|php|ps1|psm1|cmd|bat|fish)$/.test(name) || name.includes('/')),
    )
  const paths = names.flatMap((name) => [normal(name), ...(folder === '.' ? [] : [normal(join(folder, name))])])
  return [...new Set(paths)]
    .filter((path) => path !== '' && !path.startsWith('..') && !path.includes('node_modules/'))
    .slice(0, 20)
}

const normal = (path: string): string => relative('/', resolve('/', path))

const shorten = (text: string): string => {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length > 200 ? `${flat.slice(0, 200)}…` : flat
}
