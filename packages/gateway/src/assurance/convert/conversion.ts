import type { SettingsPath } from '../../hosts/settings-text.ts'

/** What became of one setting of another product. */
export interface Outcome {
  /** Dotted path in the other configuration, and the value where it is a rule. */
  readonly setting: string
  /**
   * `carried`: says the same, or more strictly, in the draft · `covered`: what Sallyport does anyway · `weakens`: left out, because it would
   * open what is closed here · `no-equivalent`: left out, because there is nothing like it.
   */
  readonly kind: 'carried' | 'covered' | 'weakens' | 'no-equivalent'
  readonly note: string
}

interface DraftFile {
  readonly name: string
  readonly text: string
}

/** A draft for people to read, and every setting that it was made from: none is dropped in silence. */
export interface Conversion {
  readonly files: readonly DraftFile[]
  readonly outcomes: readonly Outcome[]
}

/** Every value of a configuration with its path; lists of plain values are one. */
export function leaves(
  value: unknown,
  path: SettingsPath = [],
): readonly (readonly [path: SettingsPath, value: unknown])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null)) return [[path, value]]
  const inside = Object.entries(value)
  return inside.length === 0 ? [[path, value]] : inside.flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

/** What is known of other settings: the first row that fits a dotted path says what becomes of it. */
export type Row = readonly [fits: RegExp, kind: Outcome['kind'] | ((value: unknown) => Outcome['kind']), note: string]

export function outcomeOf(rows: readonly Row[], path: SettingsPath, value: unknown): Outcome {
  const setting = path.join('.')
  const [, kind, note] = rows.find(([fits]) => fits.test(setting)) ?? [
    /./,
    'no-equivalent' as const,
    'There is nothing like it here.',
  ]
  return { setting, kind: typeof kind === 'function' ? kind(value) : kind, note }
}

/** The outcomes as comments above a draft. */
export const asComments = (outcomes: readonly Outcome[], sign: string): string =>
  outcomes
    .map(
      ({ setting, kind, note }) => `${sign} ${kind}: ${setting.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}. ${note}\n`,
    )
    .join('')
