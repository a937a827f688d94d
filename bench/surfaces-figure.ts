/** One line of the result. Ratio: of ours to the bar. */
export interface Figure {
  readonly what: string
  readonly unit: string
  readonly bar: string
  readonly ours: number
  readonly ratio: number | undefined
  readonly runs: number
  readonly isFine: boolean
}

export const atMost = (what: string, unit: string, ours: number, bar: number, runs: number): Figure => ({
  ...{
    what,
    unit,
    bar: `≤ ${bar}`,
    ours: rounded(ours),
    ratio: bar === 0 ? undefined : rounded(ours / bar, 2),
    runs,
    isFine: ours <= bar,
  },
})

/** Told, and no bar is set for it. */
export const told = (what: string, unit: string, ours: number, runs: number): Figure => ({
  ...{ what, unit, bar: '', ours: rounded(ours), ratio: undefined, runs, isFine: true },
})

const rounded = (value: number, digits = 1): number => Number(value.toFixed(value < 1 ? 3 : digits))

/** Nearest rank; NaN of nothing, so that nothing measured is no pass. */
export function percentile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN
}

/** `--name=N`, or else `otherwise`. @throws Error when it is no positive number */
export function option(args: readonly string[], name: string, otherwise: number): number {
  const given = args.find((arg) => arg.startsWith(`--${name}=`))
  const value = given === undefined ? otherwise : Number(given.slice(name.length + 3))
  if (!(value > 0)) throw new Error(`--${name} is a number above zero.`)
  return value
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
