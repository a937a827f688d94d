/** The word of a level: `confined` of `L1: confined, …`. */
export const levelWord = (level: string): string => /^(?:L\d: )?([^,]+)/.exec(level)?.[1] ?? level

/** The agent shares the account of the human, so nothing that it cannot get round stands between them. */
export const isAdvisory = (level: string): boolean => levelWord(level) === 'advisory'
