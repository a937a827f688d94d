import { pathText } from '../../action/path-text.ts'

/** How a text was read that is not the plain way. */
export type ReadingWay = 'backslash' | 'decoded' | 'doubled' | 'folded' | 'nested' | 'parameter' | 'quoted' | 'trimmed'

export interface PathReading {
  readonly text: string
  /** Absent for the plain reading. */
  readonly way?: ReadingWay
}

const LOOK_ALIKES: readonly (readonly [RegExp, string])[] = [
  [/[\u2044\u2215\u29f8\u2571\u27cb\u3033]/g, '/'],
  [/[\u2216\u29f5\u29f9\u27cd]/g, '\\'],
  [/[\u3002\uff61\u06d4\u0701\u0702\ua60e\u2219\u00b7]/g, '.'],
]

type Transform = readonly [ReadingWay, (text: string) => string]

/** What spells characters in another way. Undone until nothing changes, before anything is cut off. */
const SPELLINGS: readonly Transform[] = [
  ['decoded', decodeEscapes],
  ['folded', foldLookAlikes],
  ['quoted', (text) => text.replace(/^(["'])(.*)\1$/s, '$2')],
]
/** What reads segments in another way. */
const SEGMENTS: readonly Transform[] = [
  ['backslash', (text) => text.replaceAll('\\', '/')],
  // Java servers cut `;…` off a segment: `..;/`
  ['parameter', (text) => text.replace(/(^|\/)(\.{1,2});[^/]*/g, '$1$2')],
  // what is left when a filter takes `../` out once
  ['doubled', (text) => text.replace(/\.{4}\/\//g, '../').replace(/\.\.\.\/\.\//g, '../')],
  ['trimmed', trimSegments],
]
const ROUNDS = 4
/** Nothing in it means anything else to any program. */
const UNMARKED = /^(?:[\w@+=~/-]|\.(?=[\w@+=~-]))*$/

/**
 * Every path that some program would take a text for: as it stands, and with escapes decoded, look-alike characters folded,
 * quotes and backslashes resolved, and dots and spaces at the end of segments gone (Windows). `settled` is false when the
 * text still changes after four rounds: nobody nests escapes like that by accident.
 */
export function pathReadings(value: string): { readonly readings: readonly PathReading[]; readonly settled: boolean } {
  const plain = pathText(value)
  if (UNMARKED.test(plain)) return { readings: [{ text: plain }], settled: true }
  const found = new Map<string, ReadingWay | undefined>([[plain, undefined]])
  const add = (text: string, way: ReadingWay): void => {
    if (!found.has(text)) found.set(text, way)
  }
  for (const [way, transform] of [...SPELLINGS, ...SEGMENTS]) add(pathText(transform(plain)), way)
  let [before, after] = [plain, through(SPELLINGS, plain)]
  for (let round = 0; round < ROUNDS && after !== before; round++) {
    add(after, 'nested')
    add(through(SEGMENTS, after), 'nested')
    ;[before, after] = [after, through(SPELLINGS, after)]
  }
  add(through(SEGMENTS, after), 'nested')
  const readings = [...found].map(([text, way]) => (way === undefined ? { text } : { text, way }))
  return { readings, settled: after === before }
}

const through = (transforms: readonly Transform[], text: string): string =>
  pathText(transforms.reduce((read, [, transform]) => transform(read), text))

/** Percent escapes with overlong UTF-8 and `%uXXXX`, and the escapes of C, JSON and HTML, once. */
function decodeEscapes(text: string): string {
  if (!/[%\\&]/.test(text)) return text
  return text
    .replace(/%(?:c0|e0%80|f0%80%80)%(?:ae|2e)/gi, '.')
    .replace(/%(?:c0|e0%80|f0%80%80)%(?:af|2f)/gi, '/')
    .replace(/%(?:c1%(?:9c|5c)|e0%81%9c)/gi, '\\')
    .replace(/(?:%u|\\u|\\x\{)([0-9a-f]{4})\}?/gi, (_, hex: string) => unit(hex))
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => unit(hex))
    .replace(/\\(?:0?57|0?56)(?!\d)/g, (octal) => (octal.endsWith('7') ? '/' : '.'))
    .replace(/&#(?:x([0-9a-f]{2,6})|(\d{2,7}));/gi, (all_, hex?: string, dec?: string) => entity(all_, hex, dec))
    .replace(/&(sol|bsol|period);/gi, (_, name: string) => ENTITIES.get(name.toLowerCase()) ?? '')
    .replace(/(?:%[0-9a-f]{2})+/gi, percent)
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['sol', '/'],
  ['bsol', '\\'],
  ['period', '.'],
])
const unit = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))

function entity(whole: string, hex: string | undefined, dec: string | undefined): string {
  const code = hex === undefined ? Number(dec) : Number.parseInt(hex, 16)
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
}

function percent(run: string): string {
  try {
    return decodeURIComponent(run)
  } catch {
    return run.replace(/%[0-7][0-9a-f]/gi, (escape) => unit(escape.slice(1)))
  }
}

function foldLookAlikes(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(text)) return text
  const visible = text.replace(/[\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, '')
  return LOOK_ALIKES.reduce((folded, [pattern, plain]) => folded.replace(pattern, plain), visible).normalize('NFKC')
}

function trimSegments(text: string): string {
  if (!/[. ](?:\/|$)|\/ /.test(text)) return text
  return text
    .split('/')
    .map((segment) => {
      const trimmed = segment.trim()
      if (/^\.{1,2}$/.test(trimmed) || /^[. ]*$/.test(trimmed)) return trimmed
      return trimmed.replace(/[. ]+$/, '')
    })
    .join('/')
}
