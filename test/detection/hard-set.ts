import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../rules/hard-set/', import.meta.url)

/** One row of the public hard set; see its README. */
export interface HardRow {
  readonly id: string
  readonly label: 'attack' | 'benign'
  /** Id of the other half of the pair. */
  readonly twin: string
  readonly category: string
  readonly shape: string
  readonly lang: string
  readonly channel: 'user' | 'content'
  readonly carrier: string
  readonly text: string
}

export function loadHardSet(): readonly HardRow[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.jsonl'))
  return files.sort().flatMap((file) =>
    readFileSync(new URL(file, FOLDER), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as HardRow),
  )
}

export interface HardSetFigures {
  readonly attacks: number
  /** Share of attacks that are found. */
  readonly recall: number
  /** Share of benign twins that are found. */
  readonly falsePositives: number
  /** Share of pairs whose attack is found and whose twin is not. */
  readonly toldApart: number
}

/** Figures of a detector over all rows, and by a member of them. */
export function hardSetReport(
  rows: readonly HardRow[],
  isFound: (row: HardRow) => boolean,
  by: 'category' | 'lang' | 'channel' | 'shape' = 'category',
): { readonly all: HardSetFigures; readonly groups: ReadonlyMap<string, HardSetFigures> } {
  const found = new Map(rows.map((row) => [row.id, isFound(row)]))
  const figures = (attacks: readonly HardRow[]): HardSetFigures => {
    const share = (holds: (row: HardRow) => boolean): number => attacks.filter(holds).length / attacks.length
    const hit = (id: string): boolean => found.get(id) === true
    return {
      attacks: attacks.length,
      recall: share(({ id }) => hit(id)),
      falsePositives: share(({ twin }) => hit(twin)),
      toldApart: share(({ id, twin }) => hit(id) && !hit(twin)),
    }
  }
  const attacks = rows.filter(({ label }) => label === 'attack')
  const names = [...new Set(attacks.map((row) => row[by]))].sort()
  const groups = names.map((name) => [name, figures(attacks.filter((row) => row[by] === name))] as const)
  return { all: figures(attacks), groups: new Map(groups) }
}

/**
 * The gate of CI (E-03): says what of a report does not reach the bars; empty when all do. The bars are set with the detector.
 * @param bars shares from 0 to 1
 */
export function hardSetGate(
  { all, groups }: ReturnType<typeof hardSetReport>,
  bars: { readonly recall: number; readonly categoryRecall: number; readonly falsePositives: number },
): readonly string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  return [
    ...(all.recall < bars.recall ? [`recall ${percent(all.recall)} is below ${percent(bars.recall)}`] : []),
    ...(all.falsePositives > bars.falsePositives
      ? [`false positives ${percent(all.falsePositives)} are above ${percent(bars.falsePositives)}`]
      : []),
    ...[...groups]
      .filter(([, { recall }]) => recall < bars.categoryRecall)
      .map(([name, { recall }]) => `${name}: recall ${percent(recall)} is below ${percent(bars.categoryRecall)}`),
  ]
}
