import { isJsonObject, type Json } from '../json/types.ts'
import { normalWords } from './normal.ts'

/** One object of a structured result: its member names with their scalar values. */
export type ResultRecord = ReadonlyMap<string, readonly string[]>

const MAX_RECORDS = 2_000
const MAX_FIELDS = 64
const MAX_DEPTH = 8
const MAX_TEXT = 1_048_576

/**
 * The records of a result: objects of JSON, or lines in the plain `key: value` form that servers print lists in. Text that is
 * neither, or breaks the form anywhere, has none: what an attacker could have shaped names nothing.
 */
export function recordsIn(text: string): readonly ResultRecord[] {
  if (text.length > MAX_TEXT) return []
  const trimmed = text.trim()
  if (/^[[{]/.test(trimmed)) {
    const records: ResultRecord[] = []
    try {
      collect(JSON.parse(trimmed) as Json, 0, records)
    } catch {
      return []
    }
    return records
  }
  return recordLines(text)
}

function collect(value: Json, depth: number, out: ResultRecord[]): void {
  if (depth > MAX_DEPTH || out.length >= MAX_RECORDS || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) collect(item, depth + 1, out)
    return
  }
  if (!isJsonObject(value)) return
  const fields = new Map<string, readonly string[]>()
  for (const key of Object.keys(value).slice(0, MAX_FIELDS)) {
    const member = value[key] as Json
    const scalars = scalarsOf(member)
    if (scalars !== undefined) fields.set(key.toLowerCase(), scalars)
    else collect(member, depth + 1, out)
  }
  if (fields.size > 0) out.push(fields)
}

function scalarsOf(value: Json): readonly string[] | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (!Array.isArray(value)) return undefined
  const items = value as readonly Json[]
  return items.every((item) => typeof item === 'string' || typeof item === 'number') ? items.map(String) : undefined
}

const KEY = /^([A-Za-z_][\w -]{0,39}):(?: (.*))?$/
const ITEM = /^- (.*)$/

/** `- key: value` lists and single `key: value` blocks; continuation lines are indented deeper than the keys. */
function recordLines(text: string): readonly ResultRecord[] {
  const lines = text.split('\n')
  while (lines.at(-1)?.trim() === '') lines.pop()
  const listed = lines[0]?.startsWith('- ') === true
  const indent = listed ? '  ' : ''
  const records: Map<string, string[]>[] = []
  let fields: Map<string, string[]> | undefined
  let values: string[] | undefined
  for (const line of lines) {
    if (line.trim() === '') continue
    const starts = listed && line.startsWith('- ')
    if (starts || (!listed && fields === undefined)) {
      if (records.length >= MAX_RECORDS) return []
      records.push((fields = new Map<string, string[]>()))
    }
    const body = starts ? line.slice(2) : line.startsWith(indent) ? line.slice(indent.length) : undefined
    if (body === undefined || fields === undefined) return []
    const item = starts ? null : ITEM.exec(body)
    const key = item === null ? KEY.exec(body) : null
    if (item !== null) {
      if (values === undefined) return []
      values.push(plain(item[1] ?? ''))
    } else if (key !== null) {
      if (fields.size >= MAX_FIELDS || fields.has((key[1] ?? '').toLowerCase())) return []
      values = key[2] === undefined || key[2] === '' ? [] : [plain(key[2])]
      fields.set((key[1] ?? '').toLowerCase(), values)
    } else if (!body.startsWith(' ') || values === undefined) return []
    else if (values.length > 0) values[values.length - 1] += ` ${body.trim()}`
  }
  return records
}

const plain = (value: string): string => value.trim().replace(/^(['"])(.*)\1$/, '$2')

const NAME_FIELD = /^(?:name|title|file_?name|label|summary|display_?name|channel)$/
/** Messages and finds of a search are called what a stranger called them: they name nothing (T-099). */
const STRANGERS_FIELD = /^(?:from|sender|subject|body|reply_?to|url|link|href|snippet|html)$/
const ID_FIELD = /^(?:id_?|_id|uuid|guid|key|number|iid|[a-z]+_id_?)$/
/** Fields that hold who: sinks that a named record may give. */
const PEOPLE_FIELD =
  /^(?:participants?|attendees?|members?|recipients?|to|cc|author|owner|email|e-?mail_address|address|phone|iban|account|contact)$/

interface Named {
  readonly name: string
  readonly ids: readonly string[]
  readonly people: readonly string[]
}

/**
 * Records by what they are called. A record speaks for a value only while nothing else goes by the same name (T-099), and only
 * through its own id and people fields; for people only as far as all copies of it agree.
 */
export class RecordBook {
  #byValue = new Map<string, Set<string>>()
  #byName = new Map<string, Named>()
  #doubled = new Set<string>()

  note(text: string): void {
    for (const record of recordsIn(text)) {
      const named = read(record)
      if (named === undefined) continue
      const known = this.#byName.get(named.name)
      if (known !== undefined && known.ids.join('\n') !== named.ids.join('\n')) this.#doubled.add(named.name)
      if (this.#byName.size >= MAX_RECORDS && known === undefined) return
      const people = known === undefined ? named.people : named.people.filter((each) => known.people.includes(each))
      this.#byName.set(named.name, { ...named, people })
      for (const value of [...named.ids, ...people]) {
        const names = this.#byValue.get(value) ?? new Set<string>()
        names.add(named.name)
        this.#byValue.set(value, names)
      }
    }
  }

  /** Says whether another name fits `fits` too. */
  hasOther(name: string, fits: (name: string) => boolean): boolean {
    for (const other of this.#byName.keys()) if (other !== name && fits(other)) return true
    return false
  }

  /**
   * Names of the records that hold `value` as their id (`selector`) or among their people (`sink`), doubles left out. An id that
   * goes by two names belongs to neither.
   */
  namesFor(value: string, as: 'selector' | 'sink'): readonly string[] {
    const wanted = normalWords(value)
    const holding = [...(this.#byValue.get(wanted) ?? [])].filter((name) => {
      const record = this.#byName.get(name)
      return (as === 'selector' ? record?.ids : record?.people)?.includes(wanted) === true
    })
    if (as === 'selector' && holding.length > 1) return []
    return holding.filter((name) => !this.#doubled.has(name))
  }
}

function read(record: ResultRecord): Named | undefined {
  let name = ''
  const ids: string[] = []
  const people: string[] = []
  for (const [key, values] of record) {
    if (STRANGERS_FIELD.test(key)) return undefined
    const normal = values.map(normalWords).filter((value) => value !== '')
    if (name === '' && NAME_FIELD.test(key)) name = normal.join(' ')
    if (ID_FIELD.test(key)) ids.push(...normal)
    if (PEOPLE_FIELD.test(key)) people.push(...normal)
  }
  return name === '' || name.length > 200 ? undefined : { name, ids: ids.sort(), people }
}
