import { compareNumbers } from './semver.ts'

const VERSION =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:(-(\d+))|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i
const STAGES = new Map([
  ...(['a', 'alpha'].map((name) => [name, 0]) as [string, number][]),
  ...(['b', 'beta'].map((name) => [name, 1]) as [string, number][]),
  ...(['c', 'rc', 'pre', 'preview'].map((name) => [name, 2]) as [string, number][]),
])
/** Before every stage: a development release of a version without one. After every stage: the version itself. */
const BEFORE = -1
const NONE = 3

interface Parsed {
  readonly epoch: string
  readonly release: readonly string[]
  readonly stage: number
  readonly pre: string
  /** undefined: no post release, which is before every one. */
  readonly post: string | undefined
  /** undefined: no development release, which is after every one. */
  readonly dev: string | undefined
  readonly local: readonly string[]
}

/**
 * Order of two versions by PEP 440.
 * @returns undefined when one of them is none
 */
export function comparePep440(one: string, other: string): number | undefined {
  const [a, b] = [parse(one), parse(other)]
  if (a === undefined || b === undefined) return undefined
  const length = Math.max(a.release.length, b.release.length)
  const release = Array.from({ length }, (_, i) => compareNumbers(a.release[i] ?? '0', b.release[i] ?? '0'))
  return (
    compareNumbers(a.epoch, b.epoch) ||
    (release.find((order) => order !== 0) ?? 0) ||
    a.stage - b.stage ||
    compareNumbers(a.pre, b.pre) ||
    absent(a.post, b.post, -1) ||
    absent(a.dev, b.dev, 1) ||
    compareLocal(a.local, b.local)
  )
}

function parse(text: string): Parsed | undefined {
  const found = VERSION.exec(text.trim())
  if (found === null) return undefined
  const [, epoch = '0', release = '', stage, pre, dash, dashed, word, post, dev, devNumber, local] = found
  const posted = dash !== undefined ? dashed : word !== undefined ? (post ?? '') || '0' : undefined
  const developed = dev === undefined ? undefined : (devNumber ?? '') || '0'
  return {
    epoch,
    release: release.split('.'),
    stage:
      stage !== undefined
        ? (STAGES.get(stage.toLowerCase()) ?? NONE)
        : posted === undefined && developed !== undefined
          ? BEFORE
          : NONE,
    pre: (pre ?? '') || '0',
    post: posted,
    dev: developed,
    local: local === undefined ? [] : local.toLowerCase().split(/[-_.]/),
  }
}

/** `sign` is the place of what is absent: -1 before, 1 after everything. */
function absent(one: string | undefined, other: string | undefined, sign: 1 | -1): number {
  if (one !== undefined && other !== undefined) return compareNumbers(one, other)
  return (Number(one === undefined) - Number(other === undefined)) * sign
}

function compareLocal(one: readonly string[], other: readonly string[]): number {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const [x, y] = [one[i], other[i]]
    if (x === undefined || y === undefined) return Number(x !== undefined) - Number(y !== undefined)
    const [isX, isY] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    const order = isX && isY ? compareNumbers(x, y) : isX === isY ? (x < y ? -1 : Number(x > y)) : isX ? 1 : -1
    if (order !== 0) return order
  }
  return 0
}
