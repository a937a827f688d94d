import type { Config } from './schema.ts'
import { SECURITY_OPTIONS, type SecurityOption } from './security-options.ts'

const DAY = 86_400_000

export interface Weakening {
  /** As `acknowledgeInsecure` names it. */
  readonly path: string
  readonly option: SecurityOption
}

/** What this configuration weakens, in the order of the table. */
export const weakenings = (config: Config): readonly Weakening[] =>
  SECURITY_OPTIONS.flatMap((each) => each.weaker(config).map((path) => ({ path, option: each })))

/** Weakenings that somebody has to answer for under `acknowledgeInsecure` (E-71). */
export const toAcknowledge = (config: Config): readonly Weakening[] =>
  weakenings(config).filter(({ option: { answer } }) => answer === 'acknowledge')

/** Weakenings that nobody answers for, or whose last day is over; a configuration with one does not start (AC-7.2.4). */
export const unanswered = (config: Config, now: number): readonly Weakening[] =>
  toAcknowledge(config).filter(({ path }) => {
    const given = config.acknowledgeInsecure[path]
    return given === undefined || Date.parse(given.expires) + DAY < now
  })

/** Acknowledgements of nothing: the setting is as strict as by default, or its path is no setting that needs one. */
const idleAcknowledgements = (config: Config): readonly string[] => {
  const weak = new Set(toAcknowledge(config).map(({ path }) => path))
  return Object.keys(config.acknowledgeInsecure).filter((path) => !weak.has(path))
}

/** Says at every start what is weaker than by default: what was acknowledged to people, all else to the log (AC-7.2.2, E-71). */
export function logWeakenings(config: Config, notice: (line: string) => void, log: (line: string) => void): void {
  for (const { path, option } of weakenings(config)) {
    const given = option.answer === 'acknowledge' ? config.acknowledgeInsecure[path] : undefined
    const line = `${option.severity}: ${path} is weaker than its default. ${option.why}`
    if (given === undefined) log(line)
    else notice(`${line} ${given.by} answers for it until ${given.expires}: ${given.reason}`)
  }
  for (const path of idleAcknowledgements(config))
    notice(`acknowledgeInsecure names ${path}, which is not weaker than its default: remove the entry.`)
}
