import type { How } from '../extraction.ts'
import { blendsIn, parseColour, type Colour } from './colour.ts'
import { pixels, type Declarations } from './declarations.ts'

/** What an element hands down to what is in it. */
export interface Look {
  /** Hides the element and everything in it for good. */
  readonly gone: How | undefined
  /** Inherited, and a child may take it back. */
  readonly invisible: boolean
  readonly tiny: boolean
  readonly indented: boolean
  readonly colour: Colour | undefined
  /** Undefined: a picture or gradient, so that nothing can be said of contrast. */
  readonly ground: Colour | undefined
}

/** A page without a style: black on white. */
export const PLAIN: Look = {
  gone: undefined,
  invisible: false,
  tiny: false,
  indented: false,
  colour: [0, 0, 0, 1],
  ground: [255, 255, 255, 1],
}

/** Text further away than this many pixels is on no screen's edge by accident. */
const FAR = 400
/** Text of this size, in pixels, is a line to the eye. */
const TINY = 2

/** Applies declarations on top of what is inherited. */
export function lookOf(declared: Declarations, parent: Look): Look {
  if (declared.size === 0) return parent
  const get = (name: string): string | undefined => declared.get(name)
  const visibility = get('visibility')
  const size = fontSize(declared)
  const colour = get('-webkit-text-fill-color') ?? get('color')
  const indent = pixels(get('text-indent'))
  return {
    gone: parent.gone ?? goneBy(declared),
    invisible:
      visibility === undefined || visibility === 'inherit' ? parent.invisible : /^(hidden|collapse)/.test(visibility),
    tiny: size === undefined ? parent.tiny : size === 'relative' ? parent.tiny : size <= TINY,
    indented: indent === undefined ? parent.indented : indent <= -FAR,
    colour: colourOf(declared, colour, parent),
    ground: groundOf(declared, parent.ground),
  }
}

function colourOf(declared: Declarations, colour: string | undefined, parent: Look): Colour | undefined {
  // letters that are cut out of a picture
  const clip = `${declared.get('background-clip') ?? ''} ${declared.get('-webkit-background-clip') ?? ''}`
  if (clip.includes('text')) return undefined
  return colour === undefined || /^(inherit|currentcolor)$/.test(colour) ? parent.colour : parseColour(colour)
}

/** Why text with this look is not seen; undefined when it is. */
export function hiddenBy(look: Look): How | undefined {
  if (look.gone !== undefined) return look.gone
  if (look.invisible) return 'visibility'
  if (look.tiny) return 'font-size'
  if (look.indented) return 'off-screen'
  if (look.colour === undefined) return undefined
  if (look.colour[3] < 0.05) return 'colour'
  return look.ground !== undefined && blendsIn(look.colour, look.ground) ? 'colour' : undefined
}

function groundOf(declared: Declarations, parent: Colour | undefined): Colour | undefined {
  const image = declared.get('background-image')
  if (image !== undefined && image !== 'none') return undefined
  const value = declared.get('background-color') ?? declared.get('background')
  if (value === undefined || /^(inherit|none|initial|unset)$/.test(value)) return parent
  if (/gradient|url\(|var\(/.test(value)) return undefined
  const colour = parseColour(value) ?? value.split(/\s+/).map(parseColour).find(Boolean)
  if (colour === undefined || colour[3] > 0.5) return colour
  return parent
}

function fontSize(declared: Declarations): number | 'relative' | undefined {
  const value =
    declared.get('font-size') ?? /(?:^|\s)([\d.]+(?:px|pt|em|rem|%)?)(?:\/|\s)/.exec(declared.get('font') ?? '')?.[1]
  if (value === undefined) return undefined
  if (/^[\d.]+(?:%|em)$/.test(value)) {
    const part = Number.parseFloat(value) / (value.endsWith('%') ? 100 : 1)
    return part < 0.1 ? 0 : 'relative'
  }
  return pixels(value) ?? (value === 'inherit' || value === 'smaller' ? 'relative' : 16)
}

const zero = (text: string | undefined): boolean => text !== undefined && Number.parseFloat(text) <= 0.05
const nothing = (text: string | undefined): boolean => (pixels(text) ?? 9) <= 1 || /^0(\.0+)?%$/.test(text ?? '')
const far = (text: string | undefined): boolean =>
  (pixels(text) ?? 0) <= -FAR || (pixels(text) ?? 0) >= 5 * FAR || /^-\d{3,}%$/.test(text ?? '')

function goneBy(declared: Declarations): How | undefined {
  const get = (name: string): string | undefined => declared.get(name)
  if (/^none\b/.test(get('display') ?? '') || /^all\b/.test(get('mso-hide') ?? '')) return 'display-none'
  if (get('content-visibility') === 'hidden') return 'visibility'
  if (zero(get('opacity')) || /opacity\(\s*0*\.?0*%?\s*\)/.test(get('filter') ?? '')) return 'opacity'
  const placed = /absolute|fixed|relative|sticky/.test(get('position') ?? '')
  const sides = ['left', 'top', 'right', 'bottom', 'inset', 'inset-inline-start', 'inset-block-start'] as const
  if (placed && sides.some((side) => far(get(side)?.split(' ')[0]))) return 'off-screen'
  if (['margin-left', 'margin-top', 'margin-inline-start'].some((side) => (pixels(get(side)) ?? 0) <= -FAR))
    return 'off-screen'
  if (/rotate[xy]\(\s*-?90deg/.test(get('transform') ?? '') || zero(get('zoom'))) return 'clipped'
  if ((pixels(get('letter-spacing')) ?? 0) <= -8) return 'font-size'
  if (movedAway(`${get('transform') ?? ''} ${get('translate') ?? ''}`)) return 'off-screen'
  if (zero(get('scale')) || /scale(?:3d|x|y)?\(\s*0(?:\.0\d*)?\s*[,)]/.test(get('transform') ?? '')) return 'clipped'
  if (clippedAway(get('clip'), get('clip-path'))) return 'clipped'
  const cut = /hidden|clip/.test(`${get('overflow') ?? ''} ${get('overflow-x') ?? ''} ${get('overflow-y') ?? ''}`)
  const small = ['width', 'height', 'max-width', 'max-height'].some(
    (side) => get(side) !== undefined && nothing(get(side)),
  )
  return cut && small ? 'clipped' : undefined
}

function movedAway(transform: string): boolean {
  const lengths = transform.match(/-?\d[\d.]*(?:px|em|rem|vw|vh|%)/g) ?? []
  return lengths.some((length) => far(length))
}

function clippedAway(clip: string | undefined, path: string | undefined): boolean {
  const rect = /^rect\(([^()]*)\)$/.exec(clip ?? '')?.[1]
  if (rect !== undefined) {
    const [top = 0, right = 0, bottom = 0, left = 0] = rect
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number.parseFloat)
    if (right - left <= 1 || bottom - top <= 1) return true
  }
  const inset = /^inset\(\s*([\d.]+)%/.exec(path ?? '')?.[1]
  if (/^polygon\(\s*(0[a-z%]* 0[a-z%]*)(?:\s*,\s*\1){2,20}\s*\)/.test(path ?? '')) return true
  return (
    (inset !== undefined && Number.parseFloat(inset) >= 50) || /^(circle|ellipse)\(\s*0[a-z%]*[\s)]/.test(path ?? '')
  )
}
