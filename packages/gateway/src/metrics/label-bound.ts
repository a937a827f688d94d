import { escapeText, sha256 } from '@sallyport/core'

/** Values per label; what comes after is `other`. */
const MOST = 200
/** Characters; longer ones are cut and carry their digest. */
const LONGEST = 80

/** Makes label values that cannot break a line, reorder one or be without number (T-168). */
export class LabelBound {
  readonly #known = new Map<string, Map<string, string>>()

  /**
   * @param label which label of which family; each has a bound of its own
   * @param clean takes secrets out of a value, the first time that it is seen
   */
  of(label: string, value: string, clean: (value: string) => string = (same) => same): string {
    const values = this.#known.get(label) ?? new Map<string, string>()
    this.#known.set(label, values)
    const known = values.get(value)
    if (known !== undefined) return known
    if (values.size >= MOST) return 'other'
    const escaped = escapeText(clean(value.slice(0, 4 * LONGEST)))
    const isLong = escaped.length > LONGEST || value.length > 4 * LONGEST
    const shown = isLong ? `${escaped.slice(0, LONGEST - 9)}~${sha256(value).slice(0, 8)}` : escaped
    values.set(value, shown)
    return shown
  }
}
