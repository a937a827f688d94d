import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const CSS = readFileSync(new URL('../../packages/console/src/theme/tokens.css', import.meta.url), 'utf8')
const TOKENS = new Map(
  [...CSS.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name ?? '',
    { light: light ?? '', dark: dark ?? '' },
  ]),
)

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function ratio(text: string, ground: string, theme: 'light' | 'dark'): number {
  const colour = (name: string): string => {
    const found = TOKENS.get(name)
    if (found === undefined) throw new Error(`no token ${name}`)
    return found[theme]
  }
  const [high = 0, low = 0] = [luminance(colour(text)), luminance(colour(ground))].toSorted((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

const GROUNDS = ['canvas', 'surface', 'sunken'] as const
/** token; light and dark on canvas, surface and sunken; its own ground with light and dark. */
const TABLE: readonly (readonly [string, readonly number[], readonly number[], string, number, number])[] = [
  ['text', [17.1, 18.1, 16.0], [16.3, 15.3, 13.9], 'ask-bg', 16.6, 14.2],
  ['text-2', [7.9, 8.4, 7.4], [9.3, 8.8, 7.9], 'accent-bg', 7.4, 7.6],
  ['text-3', [5.2, 5.6, 4.9], [6.2, 5.8, 5.3], 'accent-bg', 4.9, 5.0],
  ['accent', [6.0, 6.4, 5.7], [8.4, 7.9, 7.1], 'accent-bg', 5.7, 6.8],
  ['allow', [5.5, 5.8, 5.1], [10.6, 9.9, 9.0], 'allow-bg', 5.1, 8.3],
  ['ask', [5.1, 5.4, 4.7], [11.4, 10.8, 9.7], 'ask-bg', 4.9, 10.0],
  ['deny', [8.8, 9.3, 8.2], [6.4, 6.0, 5.4], 'deny-bg', 8.0, 5.6],
  ['i1', [6.4, 6.8, 6.0], [8.9, 8.4, 7.6], 'i1-stripe', 5.1, 6.2],
]

describe('colours of the console', () => {
  for (const [token, light, dark, own, ownLight, ownDark] of TABLE) {
    it(`SC2: ${token} has the contrast that the design promises`, () => {
      for (const [at, ground] of GROUNDS.entries()) {
        expect(ratio(token, ground, 'light'), `${token} on ${ground}, light`).toBeCloseTo(light[at] ?? 0, 0)
        expect(ratio(token, ground, 'dark'), `${token} on ${ground}, dark`).toBeCloseTo(dark[at] ?? 0, 0)
        for (const theme of ['light', 'dark'] as const) expect(ratio(token, ground, theme)).toBeGreaterThanOrEqual(4.5)
      }
      expect(ratio(token, own, 'light')).toBeGreaterThanOrEqual(4.5)
      expect(ratio(token, own, 'dark')).toBeGreaterThanOrEqual(4.5)
      expect(ratio(token, own, 'light'), `${token} on ${own}, light`).toBeCloseTo(ownLight, 0)
      expect(ratio(token, own, 'dark'), `${token} on ${own}, dark`).toBeCloseTo(ownDark, 0)
    })
  }

  it('SC2: chips, buttons and edges can be read and seen in both themes', () => {
    const pairs: readonly (readonly [string, string, number])[] = [
      ['on-ink', 'ink', 4.5],
      ['on-ask', 'ask-solid', 4.5],
      ['on-ink', 'deny', 4.5],
      ['reveal-text', 'reveal', 4.5],
      ['i2', 'sunken', 4.5],
      ['i3', 'accent-bg', 4.5],
      ['c0', 'sunken', 4.5],
      ['c1', 'c-bg', 4.5],
      ['c2', 'c-bg', 4.5],
      ['c3', 'c-bg', 4.5],
      ['control', 'canvas', 3],
      ['control', 'surface', 3],
      ['control', 'sunken', 3],
    ]
    for (const [text, ground, least] of pairs) {
      for (const theme of ['light', 'dark'] as const)
        expect(ratio(text, ground, theme), `${text} on ${ground}, ${theme}`).toBeGreaterThanOrEqual(least)
    }
  })
})
