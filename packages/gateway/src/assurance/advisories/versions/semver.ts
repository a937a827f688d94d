const VERSION = /^[v=]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

/**
 * Order of two versions by Semantic Versioning 2.0, as npm, Go and Cargo read it: a leading `v` and missing numbers are
 * taken, build metadata does not count.
 * @returns undefined when one of them is none
 */
export function compareSemver(one: string, other: string): number | undefined {
  const [a, b] = [VERSION.exec(one.trim()), VERSION.exec(other.trim())]
  if (a === null || b === null) return undefined
  for (const at of [1, 2, 3]) {
    const order = compareNumbers(a[at] ?? '0', b[at] ?? '0')
    if (order !== 0) return order
  }
  return comparePrerelease(a[4], b[4])
}

function comparePrerelease(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  const [a, b] = [one.split('.'), other.split('.')]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]]
    if (x === undefined || y === undefined) return Number(x !== undefined) - Number(y !== undefined)
    const [isX, isY] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    const order = isX && isY ? compareNumbers(x, y) : isX === isY ? compareText(x, y) : isX ? -1 : 1
    if (order !== 0) return order
  }
  return 0
}

/** Decimal numbers of any length. */
export function compareNumbers(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+(?=\d)/, ''), other.replace(/^0+(?=\d)/, '')]
  return a.length - b.length || compareText(a, b)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
