import type { PostureFinding } from '@sallyport/core'
import { valuesAt, type SettingsPath } from '../../../../hosts/settings-text.ts'
import type { Override } from '../host-table.ts'
import type { OpenFile } from '../open-place.ts'

/** Places of one rule in one file that are named. */
const MOST = 50

/** The settings of a file against the table of its host. */
export function ruleFindings({ host, place, file, settings }: OpenFile): readonly PostureFinding[] {
  if (settings === undefined) return []
  return (place.rules ?? []).flatMap((rule) =>
    valuesAt(settings.value, rule.at)
      .filter(({ value }) => rule.bad(value, settings.value))
      .slice(0, MOST)
      .map(({ path }): PostureFinding => {
        const name = path.join('.')
        const fix =
          rule.fix === undefined || place.format === 'toml' || place.scope === 'managed'
            ? undefined
            : rule.fix === 'remove'
              ? ({ kind: 'remove', file: file.path, at: path } as const)
              : ({ kind: 'set', file: file.path, at: path, value: rule.fix.set } as const)
        return {
          id: rule.id,
          severity: rule.severity,
          subject: `${host.title}: ${name === '' ? file.path : name}`,
          detail: rule.what,
          why: rule.why,
          remediation: rule.remedy,
          file: file.path,
          line: settings.lineOf(path),
          ...(fix === undefined ? {} : { fix }),
        }
      }),
  )
}

/** What a project decides for whoever opens it, and where. */
export const overridesOf = ({
  place,
  settings,
}: OpenFile): readonly (Pick<Override, 'severity' | 'what'> & {
  readonly path: SettingsPath
  readonly value: unknown
})[] =>
  (place.overrides ?? []).flatMap(({ at, severity, what }) =>
    valuesAt(settings?.value, at)
      .filter(({ value }) => value !== false && value !== null)
      .map((found) => ({ ...found, severity, what })),
  )

/** The same as findings. */
export const overrideFindings = (open: OpenFile): readonly PostureFinding[] =>
  overridesOf(open).map(({ path, severity, what }) => ({
    id: 'hosts.project_overrides_user',
    severity,
    subject: `${open.host.title}: ${path.join('.')}`,
    detail: `The project ${what}.`,
    why: 'Whoever can change the repository decides it for everybody who opens it.',
    remediation: 'Read it, and set it in your own settings instead if you want it.',
    file: open.file.path,
    line: open.settings?.lineOf(path) ?? 1,
  }))
