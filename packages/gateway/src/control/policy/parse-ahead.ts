import type { EstPolicy } from '@sallyport/core'
import type { Cedar } from './cedar.ts'
import type { EstCache } from './read-policies.ts'
import type { SourceFile } from './sources.ts'
import { splitPolicies } from './split-policies.ts'

/** Parses policies in order; undefined stands for one that does not parse. */
export type ParseBeside = (texts: readonly string[]) => Promise<readonly (EstPolicy | undefined)[]>

/** With fewer than this there is nothing to win. */
const WORTHWHILE = 100

/**
 * Parses the Cedar files into `cache` on two threads at a time. It only fills the cache: what does not parse, or weighs too
 * much to be tried, is left to the reader, which says why.
 */
export async function parseAhead(
  files: readonly SourceFile[],
  cedar: Cedar,
  cache: EstCache,
  parseBeside: ParseBeside,
): Promise<void> {
  const fit = files.filter(({ language, text }) => language === 'cedar' && cedar.weigh(text) === undefined)
  const texts = new Set(fit.flatMap(({ text }) => (splitPolicies(text) ?? []).map((part) => part.text)))
  const fresh = [...texts].filter((text) => !cache.has(text))
  if (fresh.length < WORTHWHILE) return
  const half = fresh.length >> 1
  const beside = parseBeside(fresh.slice(half))
  const here = fresh.slice(0, half).map((text) => parsedOrNothing(text, cedar))
  for (const [index, est] of [...here, ...(await beside)].entries()) {
    if (est !== undefined) cache.set(fresh[index] as string, est)
  }
}

export function parsedOrNothing(text: string, cedar: Cedar): EstPolicy | undefined {
  const parsed = cedar.parse(text)
  return parsed.ok ? parsed.value : undefined
}
