import type { Lens } from './lens.ts'
import type { Check, Issue, PolicyFile, TestResult } from './model.ts'

interface Rule {
  readonly id: string
  /** Lines from 1, both included. */
  readonly from: number
  readonly to: number
}

/** Rules of a Cedar text with their lines; good enough to point at one. */
function rulesOf(text: string): readonly Rule[] {
  const lines = text.split('\n')
  const rules: Rule[] = []
  let id = ''
  let from = 0
  lines.forEach((line, at) => {
    const code = line.replace(/\/\/.*$/, '')
    if (code.trim() !== '' && from === 0) from = at + 1
    const named = /@id\("([^"]+)"\)/.exec(code)?.[1]
    if (named !== undefined) id = named
    if (/;\s*$/.test(code) && from > 0) {
      rules.push({ id, from, to: at + 1 })
      id = ''
      from = 0
    }
  })
  return rules
}

/** What the editor marks in one file: findings, and lines that turned a test red. */
export function causes(
  file: PolicyFile,
  original: string,
  check: Check | undefined,
  show: () => void,
): { readonly issues: readonly Issue[]; readonly lenses: readonly Lens[] } {
  if (check === undefined) return { issues: [], lenses: [] }
  const issues = check.issues.filter(({ file: of }) => of === file.path)
  if (file.language === 'yaml') {
    const red = check.tests.results.filter((result) => result.file === file.path && !result.ok)
    const marks = red.map(({ line, test, reason }) => mark(file, line, `${test}: ${reason}`))
    return { issues: [...issues, ...marks], lenses: [] }
  }
  const red = check.tests.results.filter(({ ok }) => !ok)
  const old = new Set(original.split('\n').map((line) => line.trim()))
  const lines = file.text.split('\n')
  const found: { readonly issues: Issue[]; readonly lenses: Lens[] } = { issues: [...issues], lenses: [] }
  for (const rule of rulesOf(file.text)) {
    const own = red.filter((result) => isAbout(result, rule))
    if (own.length === 0) continue
    const changed = lines.findIndex((line, at) => at + 1 >= rule.from && at + 1 <= rule.to && !old.has(line.trim()))
    const place = changed < 0 ? 'this rule' : `line ${changed + 1}`
    const sentence = `${own.length === 1 ? '1 test is' : `${own.length} tests are`} red because of ${place}.`
    if (changed >= 0) found.issues.push(mark(file, changed + 1, sentence))
    found.lenses.push({ line: rule.to, sentence, show })
  }
  return found
}

const isAbout = ({ expectedBy, by }: TestResult, { id }: Rule): boolean =>
  id !== '' && (expectedBy === id || by.includes(id))

function mark(file: PolicyFile, line: number, message: string): Issue {
  const text = file.text.split('\n')[line - 1] ?? ''
  return { severity: 'error', file: file.path, line, col: text.length - text.trimStart().length + 1, message }
}
