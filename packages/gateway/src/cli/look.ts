/** How the terminal wants to be written to (console §10): words and signs carry everything, colour only helps. */
export interface Look {
  readonly color: boolean
  /** Only ASCII signs. */
  readonly ascii: boolean
}

/** UTF-8 by the locale, unless it was asked for otherwise. */
export function lookOf(
  env: Readonly<Record<string, string | undefined>>,
  { color, ascii }: { readonly color: boolean; readonly ascii: boolean },
): Look {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return { color, ascii: ascii || !/utf-?8/i.test(locale) }
}
