/** Names on the aggregated endpoint: `<alias>__<name>`. An alias never holds `_`, so a name splits one way only (T-085). */
export const aggregatedName = (alias: string, name: string): string => `${alias}__${name}`

/** Undefined for a name that is not of that form. */
export function splitName(name: string): { readonly alias: string; readonly name: string } | undefined {
  const at = name.indexOf('__')
  return at <= 0 || at + 2 >= name.length ? undefined : { alias: name.slice(0, at), name: name.slice(at + 2) }
}
