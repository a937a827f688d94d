import { createContext, useContext } from 'react'

/** How the terminal wants to be written to (console §10): words and signs carry everything, colour only helps. */
export interface Look {
  readonly color: boolean
  /** Only ASCII signs. */
  readonly ascii: boolean
}

/** Colours by what they mean, of the 16 that the user's theme decides about. */
const COLOURS = {
  allow: 'cyan',
  ask: 'yellow',
  deny: 'red',
  trusted: 'blue',
  secret: 'magenta',
  dim: 'blackBright',
} as const
export type Meaning = keyof typeof COLOURS

const SIGNS = {
  allowed: ['✓', 'ok'],
  asked: ['?', '?'],
  denied: ['✗', 'x'],
  untrusted: ['▨', '~'],
  low: ['▮▯▯', '#--'],
  medium: ['▮▮▯', '##-'],
  high: ['▮▮▮', '###'],
  critical: ['▮▮▮', '###'],
  line: ['─', '-'],
  bar: ['│', '|'],
  up: ['↑', '^'],
  down: ['↓', 'v'],
} as const
type Sign = keyof typeof SIGNS

export const LookContext = createContext<Look>({ color: false, ascii: true })

/** Paints and signs in the way of this terminal. */
export function useLook() {
  const { color, ascii } = useContext(LookContext)
  return {
    paint: (meaning: Meaning): { readonly color?: string } => (color ? { color: COLOURS[meaning] } : {}),
    sign: (name: Sign): string => SIGNS[name][ascii ? 1 : 0],
  }
}

/** UTF-8 by the locale, unless it was asked for otherwise. */
export function lookOf(
  env: Readonly<Record<string, string | undefined>>,
  { color, ascii }: { readonly color: boolean; readonly ascii: boolean },
): Look {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return { color, ascii: ascii || !/utf-?8/i.test(locale) }
}
