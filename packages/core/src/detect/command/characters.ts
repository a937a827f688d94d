/**
 * Characters that show a command other than the one that runs: controls, bidirectional overrides, invisible characters, spaces
 * and quotes that are none to a shell. Text in other scripts, accents and emoji are ordinary.
 */
export function misleadingCharacters(source: string): string | undefined {
  const match =
    // eslint-disable-next-line no-control-regex -- controls are what is looked for
    /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]|\r(?!\n)|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u115f\u1160\u3164\uffa0\u180e]|[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|[\uff01-\uff5e]|[\u{e0000}-\u{e007f}]/u.exec(
      source,
    )
  if (match !== null) return name(match[0])
  // Joiners belong between emoji and in a few scripts; between Latin letters they only hide.
  if (/[\x20-\x7e][\u200c\u200d]|[\u200c\u200d][\x20-\x7e]/.test(source)) return 'U+200D'
  const mixed =
    /[A-Za-z](?:[\u0370-\u03ff\u0400-\u04ff\u0531-\u058f])|(?:[\u0370-\u03ff\u0400-\u04ff\u0531-\u058f])[A-Za-z]/.exec(
      source,
    )
  return mixed === null ? undefined : name(mixed[0].replace(/[A-Za-z]/, ''))
}

const name = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
