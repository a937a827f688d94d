import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import type { ResultLabel } from '../action/tool.ts'

/** Part of a structured result that has a label of its own. */
export interface LabelledPart {
  readonly text: string
  readonly label: ResultLabel
}

/**
 * Cuts a structured result at the fields that have a label of their own. `rest` is everything else with its member names: what
 * nobody named has the label of the whole.
 * @param fields path (`tickets[].id`; array positions are not part of a path) → label; it holds for everything below
 */
export function resultFields(
  value: Json,
  fields: Readonly<Record<string, ResultLabel>>,
): { readonly rest: Json; readonly parts: readonly LabelledPart[] } {
  const labels = new Map(Object.entries(fields))
  const parts: LabelledPart[] = []
  /** What is left of a value; undefined when all of it has a label. */
  const cut = (here: Json, path: string): Json | undefined => {
    const label = labels.get(path)
    if (label !== undefined) {
      parts.push({ text: typeof here === 'string' ? here : JSON.stringify(here), label })
      return undefined
    }
    if (Array.isArray(here)) {
      return (here as readonly Json[]).map((item) => cut(item, `${path}[]`)).filter((item) => item !== undefined)
    }
    if (!isJsonObject(here)) return here
    const left: [string, Json][] = []
    for (const name of Object.keys(here)) {
      const value = here[name] as Json
      // a name with these signs could pass for another place
      const member = /[.[\]]/.test(name) ? value : cut(value, path === '' ? name : `${path}.${name}`)
      if (member !== undefined) left.push([name, member])
    }
    return Object.fromEntries(left) as JsonObject
  }
  return { rest: cut(value, '') ?? null, parts }
}
