import type { PostureFinding } from '@sallyport/core'
import { valuesAt } from '../../../../hosts/settings-text.ts'
import type { OpenFile } from '../open-place.ts'

/** The settings of a file against the table of its host. */
export function settingFindings({ host, place, file, settings }: OpenFile): readonly PostureFinding[] {
  if (settings === undefined) return []
  const found = (place.rules ?? []).flatMap((rule) =>
    valuesAt(settings.value, rule.at)
      .filter(({ value }) => rule.bad(value, settings.value))
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
  return [...found, ...overrideFindings({ host, place, file, settings })]
}

/** What a project decides for whoever opens it. */
function overrideFindings({ host, place, file, settings }: OpenFile): readonly PostureFinding[] {
  return (place.overrides ?? []).flatMap(({ at, severity, what }) =>
    valuesAt(settings?.value, at)
      .filter(({ value }) => value !== false && value !== null)
      .map(({ path }): PostureFinding => ({
        id: 'hosts.project_overrides_user',
        severity,
        subject: `${host.title}: ${path.join('.')}`,
        detail: `The project ${what}.`,
        why: 'Whoever can change the repository decides it for everybody who opens it.',
        remediation: `Read it, and set it in your own settings instead if you want it.`,
        file: file.path,
        line: settings?.lineOf(path) ?? 1,
      })),
  )
}
