import { findSecrets, SallyportError } from '@sallyport/core'
import { createCredentialWatch } from './credentials.ts'
import { embeddedIn, type Embedded } from './embedded.ts'
import { createNames, type NameModel } from './models/names.ts'
import { linesOf, type CodeFinding } from './finding.ts'
import { interpret } from './flow/interpret.ts'
import type { CallSite, NamedSite, Watcher } from './flow/machine.ts'
import { createRuleBook, type Hit, type RuleBook } from './flow/match.ts'
import { FIT, LEVEL, type Hole } from './flow/value.ts'
import type { ReadSource } from './read/read-source.ts'
import { categoryOf, type Rule, type RuleLanguage } from './rule.ts'
import { CREDENTIAL } from './rules/credentials.ts'
import { RULES } from './rules/index.ts'
import { SEVERITIES, severityAt } from './severity.ts'
import type { Func, Language } from './syntax.ts'

interface CodeReport {
  readonly findings: readonly CodeFinding[]
  /** False: a part of the file could not be read. */
  readonly complete: boolean
}

interface Draft {
  readonly rule: Rule
  readonly at: number
  readonly end: number
  readonly detail: string
  readonly level: number
  /** The functions whose parameter is to blame, and nothing else. */
  readonly of: readonly (Func | undefined)[]
  /** A name of a file that is made before it is checked: the source of its name. */
  readonly early?: Hole
}

/** Every rule, for lists and reports. */
export const ALL_RULES: readonly Rule[] = [...RULES, CREDENTIAL]

/** @throws SallyportError SP_SCAN_UNREADABLE when the text is not of the language, SP_SCAN_TOO_LARGE */
export type ScanCode = (text: string, language: Language) => CodeReport

/** Finds what the rules object to (HB-97 … HB-103). Nothing of the text is executed. */
export function createCodeScanner(read: ReadSource, rules: readonly Rule[] = RULES): ScanCode {
  const byId = new Map(rules.map((rule) => [rule.id as string, rule]))
  const books = new Map<RuleLanguage, RuleBook>()
  const bookOf = (language: RuleLanguage): RuleBook => {
    const book = books.get(language) ?? createRuleBook(rules, language)
    books.set(language, book)
    return book
  }
  const models = new Map<Language, NameModel>()
  const namesOf = (language: Language): NameModel => {
    const model = models.get(language) ?? createNames(language)
    models.set(language, model)
    return model
  }
  const scan: ScanCode = (text, language) => {
    const unit = read(text, language)
    const book = bookOf(language === 'typescript' ? 'javascript' : language)
    const drafts = new Map<string, Draft>()
    const add = (rule: Rule, at: number, end: number, hole: Hole | undefined, detail = '', early = false): void => {
      const key = `${rule.id}@${at}`
      const level = hole?.level ?? LEVEL.constant
      const own = hole?.level === LEVEL.param ? hole.of : undefined
      const before = drafts.get(key)
      const of = [...(before?.of ?? []), own]
      if (before !== undefined && before.level >= level) drafts.set(key, { ...before, of })
      else
        drafts.set(key, {
          rule,
          at,
          end,
          detail: hole === undefined ? detail : describe(hole),
          level,
          of,
          ...(early && hole !== undefined ? { early: hole } : {}),
        })
    }
    const credentials = createCredentialWatch(text, (at, end, detail) => add(CREDENTIAL, at, end, undefined, detail))
    const report = (hits: readonly Hit[], at: number, end: number, early = false): void => {
      for (const { rule, hole } of hits) add(rule, at, end, hole, '', early)
    }
    const watcher: Watcher = {
      call: (site: CallSite) => {
        report(book.ofCall(site), site.at, site.end, NAMES_ONLY.has(site.path) || site.name === 'extract')
        credentials.call(site)
        const inner = embeddedIn(site)
        if (inner === undefined) return
        for (const { rule: id, message } of scanned(inner)) {
          const rule = byId.get(id)
          if (rule !== undefined) add(rule, site.at, site.end, undefined, message.slice(rule.title.length + 2))
        }
      },
      named: (named: NamedSite) => {
        // variables of a shell
        const site = { ...named, name: named.name.replace(/^\$/, '') }
        report(book.ofName(site), site.expr.at, site.expr.end)
        credentials.named(site)
      },
    }
    const { complete, escaped, called, checkedFor } = followed(() =>
      interpret(unit, language, namesOf(language), watcher),
    )
    // what stands behind the end of its steps was not looked at
    if (!complete) throw new SallyportError('SP_SCAN_TOO_LARGE', 'The program is too much to be followed to its end.')
    for (const { start, end, family } of findSecrets(text, 'result')) {
      if (!credentials.isHarmless(start, end, family)) add(CREDENTIAL, start, end, undefined, family)
    }
    // of a member of an archive its name is checked
    const isChecked = (key: string): boolean =>
      ['', '.name', '.filename'].some((part) => (checkedFor(`${key}${part}`) & FIT.path) !== 0)
    const lines = linesOf(text)
    const findings = [...drafts.values()]
      .filter(({ early }) => early === undefined || ![early.key, ...early.from].some((key) => isChecked(key)))
      .filter(({ of }) => of.some((fn) => fn === undefined || escaped.has(fn) || !called.has(fn)))
      .map(({ rule, at, end, detail, level }): CodeFinding => ({
        rule: rule.id,
        category: categoryOf(rule.id),
        severity: severityAt(rule, level === LEVEL.constant ? undefined : (level as Hole['level'])),
        start: at,
        end,
        ...lines(at),
        message: detail === '' ? rule.title : `${rule.title}: ${detail}`,
        fix: rule.fix,
        cwe: rule.cwe,
      }))
    return { findings: inOrder(withoutDoubles(findings)), complete: unit.complete }
  }
  /** What cannot be read is no program of its language. */
  const scanned = ({ text, language }: Embedded): readonly CodeFinding[] => {
    try {
      return scan(text, language).findings
    } catch (cause) {
      if (cause instanceof SallyportError) return []
      throw cause
    }
  }
  return scan
}

/** Objects that name a file and do not open it. */
const NAMES_ONLY: ReadonlySet<string> = new Set(['File'])

/** @throws SallyportError SP_SCAN_UNREADABLE where the stack ends */
function followed<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new SallyportError('SP_SCAN_UNREADABLE', 'The program is nested too deeply to be followed.', { cause })
  }
}

/** What somebody chooses, by its name in the text. */
function describe({ key }: Hole): string {
  return key
    .replace(/@-?\d+(?:\.\d+)?/g, '')
    .replace(/^[~$]+/, '')
    .replace(/[()]+$/, '()')
    .slice(0, 80)
}

/** One secret may be found by its name and by its form. */
function withoutDoubles(findings: readonly CodeFinding[]): readonly CodeFinding[] {
  const kept: CodeFinding[] = []
  for (const one of [...findings].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (last !== undefined && last.rule === one.rule && one.rule === CREDENTIAL.id && one.start < last.end) continue
    kept.push(one)
  }
  return kept
}

const inOrder = (findings: readonly CodeFinding[]): readonly CodeFinding[] =>
  [...findings].sort(
    (a, b) =>
      a.start - b.start ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      (a.rule < b.rule ? -1 : 1),
  )
