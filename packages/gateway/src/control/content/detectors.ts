import {
  createInjectionDetector,
  fold,
  severityRank,
  type CompiledRule,
  type Finding,
  type InjectionDetector,
  type InjectionReport,
} from '@sallyport/core'
import { loadInjectionModel } from './injection-model.ts'

/**
 * The injection detector with the rules of installed packs. Made when it is first needed: a start does not wait for weights.
 * @param packed rules in force now; asked for with every text, so that an update holds at once
 */
export function lazyDetector(packed: () => readonly CompiledRule[] = () => []): InjectionDetector {
  let made: InjectionDetector | undefined
  return {
    scan(text, options) {
      const report = (made ??= createInjectionDetector(loadInjectionModel())).scan(text, options)
      const rules = packed()
      return rules.length === 0 ? report : withRules(report, text, rules)
    },
  }
}

const LADDER = ['clean', 'flag', 'ask', 'block'] as const

/** A rule of a pack acts like one of ours: a grave one asks, any other is noted. */
function withRules(report: InjectionReport, text: string, rules: readonly CompiledRule[]): InjectionReport {
  const view = fold(text)
  const found: Finding[] = []
  for (const rule of rules) {
    const hit = rule.find(view.text)
    if (hit === undefined) continue
    const { id, category, severity } = rule
    found.push({ rule: id, category, severity, start: view.sourceOffset(hit.start), end: view.sourceOffset(hit.end) })
  }
  if (found.length === 0) return report
  const grave = found.some(({ severity }) => severityRank(severity) >= severityRank('high'))
  const step = Math.max(LADDER.indexOf(report.verdict), grave ? 2 : 1)
  return { ...report, verdict: LADDER[step] ?? 'block', findings: [...found, ...report.findings] }
}
