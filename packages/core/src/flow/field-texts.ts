import { isJsonObject, type Json } from '../json/types.ts'

/** Texts at one place of a structured result. @param path `hops[].host`; array positions are not part of a path */
export function fieldTexts(value: Json, path: string): readonly string[] {
  let here: readonly Json[] = [value]
  for (const step of path.split('.')) {
    const name = step.replace(/(?:\[\])+$/, '')
    here = here.flatMap((each) => (isJsonObject(each) && Object.hasOwn(each, name) ? [each[name] as Json] : []))
    for (let depth = (step.length - name.length) / 2; depth > 0; depth--)
      here = here.flatMap((each) => (Array.isArray(each) ? (each as readonly Json[]) : []))
  }
  return here.filter((each) => typeof each === 'string')
}
