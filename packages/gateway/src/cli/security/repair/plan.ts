import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { extname, isAbsolute, relative } from 'node:path'
import { toSallyportError, type PostureFinding, type PostureFix } from '@sallyport/core'
import type { PlannedFile } from '../../init/plan.ts'
import { decodeConfig, readConfigText, type ConfigFormat, type ConfigText } from '../../init/text/config-text.ts'

/** One repair, in words a person can decide on. */
interface Step {
  readonly finding: PostureFinding
  /** `set sandbox.mode to "auto"` */
  readonly what: string
  readonly path: string
}

/** A repair that is not made, and why. */
interface Refused extends Step {
  readonly why: string
}

export interface ModeChange {
  readonly path: string
  readonly before: number
  readonly after: number
}

/** What `--fix` would do; nothing is written. */
export interface RepairPlan {
  readonly steps: readonly Step[]
  readonly refused: readonly Refused[]
  readonly files: readonly PlannedFile[]
  readonly modes: readonly ModeChange[]
}

type FileFix = Exclude<PostureFix, { readonly kind: 'mode' }>
const FORMATS: Readonly<Record<string, readonly ConfigFormat[]>> = {
  '.yaml': ['yaml'],
  '.yml': ['yaml'],
  '.json': ['json', 'json5'],
  '.jsonc': ['json'],
  '.json5': ['json5'],
  '.toml': ['toml'],
}

export interface RepairScope {
  /** What was looked at; nothing outside is changed, links in between included. */
  readonly roots: readonly string[]
  /** Effective id of this user, who has to own what is changed; undefined where there are none. */
  readonly user: number | undefined
}

/**
 * Plans the repairs of findings that have one. Files behind links, of other users or without the right to write are not
 * touched, and say so; of two repairs that contradict each other the first counts.
 */
export function planRepairs(findings: readonly PostureFinding[], scope: RepairScope): RepairPlan {
  const plan = { steps: [] as Step[], refused: [] as Refused[], modes: [] as ModeChange[] }
  const open = new Map<string, OpenFile>()
  for (const finding of findings) {
    const { fix } = finding
    if (fix === undefined) continue
    const path = fix.kind === 'mode' ? fix.path : fix.file
    const step: Step = { finding, path, what: wordsOf(fix) }
    const why =
      whyUntouched(path, scope) ??
      (fix.kind === 'mode' ? narrowed(path, fix.mode, plan.modes) : edited(path, fix, open))
    if (why === undefined) plan.steps.push(step)
    else plan.refused.push({ ...step, why })
  }
  const files = [...open].flatMap(([path, { before, mode, now }]): PlannedFile[] =>
    before.equals(Buffer.from(now.text)) ? [] : [{ path, before, after: now.text, mode, what: 'repaired', own: false }],
  )
  return { ...plan, files }
}

function wordsOf(fix: PostureFix): string {
  if (fix.kind === 'mode') return `take rights away: mode ${(fix.mode & 0o777).toString(8).padStart(4, '0')}`
  const at = fix.at.join('.')
  return fix.kind === 'set' ? `set ${at} to ${JSON.stringify(fix.value)}` : `remove ${at}`
}

/** Why a file is left alone; undefined: it may be changed. */
function whyUntouched(path: string, { roots, user }: RepairScope): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 'It is not there any more.'
  if (stats.isSymbolicLink()) return 'It is a link; change what it leads to.'
  if (!stats.isFile() && !stats.isDirectory()) return 'It is no file.'
  const root = roots.find((each) => isWithin(path, each))
  if (root === undefined) return 'It is outside of what was looked at.'
  if (!isWithin(realpathSync(path), realpathSync(root))) return 'A link leads to it from outside of what was looked at.'
  if (user !== undefined && stats.uid !== user) return 'It belongs to somebody else; run this as them.'
  if (stats.isFile() && (stats.mode & 0o200) === 0) return 'It is read-only on purpose.'
  if (stats.isFile() && stats.nlink > 1) return 'It has further names (hard links).'
  return undefined
}

function isWithin(path: string, root: string): boolean {
  const way = relative(root, path)
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}

/** Rights are only ever taken away. */
function narrowed(path: string, mode: number, modes: ModeChange[]): undefined {
  const before = lstatSync(path).mode & 0o7777
  const after = before & mode
  if (after !== before) modes.push({ path, before, after })
}

function edited(path: string, fix: FileFix, open: Map<string, OpenFile>): string | undefined {
  try {
    const file = open.get(path) ?? opened(path)
    if (typeof file === 'string') return file
    if (file.fixes.some((other) => contradict(other, fix))) return 'Another repair changes the same setting.'
    file.now = fix.kind === 'set' ? file.now.set(fix.at, fix.value) : file.now.remove(fix.at)
    file.fixes.push(fix)
    open.set(path, file)
    return undefined
  } catch (thrown) {
    const { detail, message } = toSallyportError(thrown)
    return detail === '' ? message : detail
  }
}

interface OpenFile {
  readonly before: Buffer
  readonly mode: number
  readonly fixes: FileFix[]
  now: ConfigText
}

/** @returns why it cannot be edited, or the file */
function opened(path: string): OpenFile | string {
  const before = readFileSync(path)
  const { mode } = lstatSync(path)
  const formats = FORMATS[extname(path).toLowerCase()] ?? []
  for (const [at, format] of formats.entries()) {
    try {
      return { before, mode: mode & 0o7777, fixes: [], now: readConfigText(format, decodeConfig(before)) }
    } catch (thrown) {
      if (at === formats.length - 1) throw thrown
    }
  }
  return 'Its format is not known here; change it by hand.'
}

/** Whether one changes what the other one holds or lies in; the same repair twice is none. */
function contradict(one: FileFix, other: FileFix): boolean {
  const length = Math.min(one.at.length, other.at.length)
  const overlap = one.at.slice(0, length).every((key, at) => key === other.at[at])
  return overlap && JSON.stringify(one) !== JSON.stringify(other)
}
