import { escapeText, SallyportError } from '@sallyport/core'
import { z } from 'zod'

/** Of a registry like ClawHub: what its moderation found. It reads metadata, and says nothing about what it did not flag (TM-REG, E-86). */
export const moderationShape = z.object({
  isSuspicious: z.boolean().nullish(),
  isMalwareBlocked: z.boolean().nullish(),
  isHidden: z.boolean().nullish(),
  isRemoved: z.boolean().nullish(),
  verdict: z.string().max(64).nullish(),
  status: z.string().max(64).nullish(),
  reasonCodes: z.array(z.string().max(128)).max(64).nullish(),
})
export type Moderation = z.infer<typeof moderationShape>

/** What a caller takes although it is flagged, to examine it: nothing, what is suspicious, or what is known to be bad as well. */
export type Accepted = 'none' | 'suspicious' | 'malicious'

type Rank = 'clean' | 'suspicious' | 'malicious'
const RANKS: readonly Rank[] = ['clean', 'suspicious', 'malicious']
const WORDS: ReadonlyMap<string, Rank> = new Map<string, Rank>([
  ...['clean', 'pass', 'passed', 'approved', 'active', 'visible', 'ok', 'none', ''].map(
    (word) => [word, 'clean'] as const,
  ),
  ...['malicious', 'malware', 'blocked', 'revoked', 'removed', 'hidden', 'banned', 'deleted'].map(
    (word) => [word, 'malicious'] as const,
  ),
])

/**
 * @returns notes about it
 * @throws SallyportError SP_REGISTRY_MODERATED for what is flagged worse than the caller takes
 */
export function judgeModeration(
  all: readonly (Moderation | null | undefined)[],
  accepted: Accepted,
): readonly string[] {
  const said = all.filter((one) => one !== null && one !== undefined)
  const worst = said.map(rankOf).toSorted((a, b) => RANKS.indexOf(b) - RANKS.indexOf(a))[0] ?? 'clean'
  const codes = [...new Set(said.flatMap(({ reasonCodes }) => reasonCodes ?? []))]
    .slice(0, 10)
    .map((code) => escapeText(code))
  const why = codes.length === 0 ? '' : ` (${codes.join(', ')})`
  if (worst === 'clean')
    return ['The moderation of the registry has not flagged it, which says little: assume that nobody reviewed it.']
  if (RANKS.indexOf(worst) > (accepted === 'none' ? 0 : RANKS.indexOf(accepted)))
    throw new SallyportError('SP_REGISTRY_MODERATED', `It is ${worst}${why}.`, { details: { verdict: worst, codes } })
  return [`The registry says that it is ${worst}${why}; it was fetched all the same, because that was asked for.`]
}

/** A word that is not known is at least suspicious. */
function rankOf({ isSuspicious, isMalwareBlocked, isHidden, isRemoved, verdict, status }: Moderation): Rank {
  if (isMalwareBlocked === true || isHidden === true || isRemoved === true) return 'malicious'
  const words = [verdict, status].map((word) => WORDS.get((word ?? '').toLowerCase()) ?? 'suspicious')
  if (words.includes('malicious')) return 'malicious'
  return isSuspicious === true || words.includes('suspicious') ? 'suspicious' : 'clean'
}
