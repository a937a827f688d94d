import { createContext, useContext } from 'react'
import type { Look } from '../cli/look.ts'

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
