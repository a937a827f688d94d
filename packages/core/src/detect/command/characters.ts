/** Cyrillic and Greek letters that look like Latin ones, next to Latin ones. `μs` and `Ω` are ordinary. */
const LOOK_ALIKES =
  /[A-Za-z][\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u03bf\u03b1\u03bd\u03c1\u03c4\u03c5\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7]|[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u03bf\u03b1\u03bd\u03c1\u03c4\u03c5\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7][A-Za-z]/

/**
 * Characters that show a command other than the one that runs: controls, bidirectional overrides, invisible characters, spaces
 * and quotes that are none to a shell. Text in other scripts, accents and emoji are ordinary.
 */
export function misleadingCharacters(source: string): string | undefined {
  const match =
    // eslint-disable-next-line no-control-regex -- controls are what is looked for
    /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]|\r(?!\n)|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u115f\u1160\u3164\uffa0\u180e]|[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f]|[\u{e0000}-\u{e007f}]/u.exec(
      source,
    )
  if (match !== null) return name(match[0])
  // Joiners belong between emoji and in a few scripts; between Latin letters they only hide.
  if (/[\x20-\x7e][\u200c\u200d]|[\u200c\u200d][\x20-\x7e]/.test(source)) return 'U+200D'
  const mixed = LOOK_ALIKES.exec(source)
  return mixed === null ? undefined : name(mixed[0].replace(/[A-Za-z]/, ''))
}

const name = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
