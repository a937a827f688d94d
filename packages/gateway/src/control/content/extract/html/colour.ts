/** Red, green, blue 0…255, alpha 0…1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number]

/** Names that text is hidden with, and what usually lies behind text. Others count as unknown. */
const NAMES: ReadonlyMap<string, number> = new Map([
  ['white', 0xffffff],
  ['snow', 0xfffafa],
  ['ivory', 0xfffff0],
  ['floralwhite', 0xfffaf0],
  ['ghostwhite', 0xf8f8ff],
  ['whitesmoke', 0xf5f5f5],
  ['seashell', 0xfff5ee],
  ['mintcream', 0xf5fffa],
  ['azure', 0xf0ffff],
  ['aliceblue', 0xf0f8ff],
  ['honeydew', 0xf0fff0],
  ['lightyellow', 0xffffe0],
  ['gainsboro', 0xdcdcdc],
  ['lightgray', 0xd3d3d3],
  ['lightgrey', 0xd3d3d3],
  ['silver', 0xc0c0c0],
  ['gray', 0x808080],
  ['grey', 0x808080],
  ['black', 0x000000],
  ['red', 0xff0000],
  ['green', 0x008000],
  ['blue', 0x0000ff],
  ['navy', 0x000080],
  ['yellow', 0xffff00],
  ['orange', 0xffa500],
  ['darkblue', 0x00008b],
  ['canvas', 0xffffff],
])

/** A CSS colour. Undefined for what is not known: gradients, variables, other names and colour spaces. */
export function parseColour(text: string): Colour | undefined {
  const value = text.trim().toLowerCase()
  if (value === 'transparent') return [0, 0, 0, 0]
  const named = NAMES.get(value)
  if (named !== undefined) return [named >> 16, (named >> 8) & 255, named & 255, 1]
  const hex = /^#([0-9a-f]{3,8})$/.exec(value)?.[1]
  if (hex !== undefined) return fromHex(hex)
  const call = /^(rgb|hsl)a?\(([^()]{1,100})\)$/.exec(value)
  return call === null
    ? undefined
    : fromFunction(call[1] === 'hsl', (call[2] as string).split(/[\s,/]+/).filter(Boolean))
}

function fromHex(hex: string): Colour | undefined {
  const short = hex.length < 5
  const step = short ? 1 : 2
  if (hex.length !== 3 * step && hex.length !== 4 * step) return undefined
  const at = (index: number): number => {
    const part = hex.slice(index * step, (index + 1) * step)
    return part === '' ? 255 : Number.parseInt(short ? part + part : part, 16)
  }
  return [at(0), at(1), at(2), at(3) / 255]
}

function fromFunction(hsl: boolean, parts: readonly string[]): Colour | undefined {
  const number = (text = '', whole: number): number =>
    text.endsWith('%') ? (Number.parseFloat(text) / 100) * whole : Number.parseFloat(text)
  const alpha = parts[3] === undefined ? 1 : number(parts[3], 1)
  const channels: readonly number[] = hsl
    ? hslToRgb(Number.parseFloat(parts[0] ?? ''), number(parts[1], 1), number(parts[2], 1))
    : [number(parts[0], 255), number(parts[1], 255), number(parts[2], 255)]
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = channels
  return [red, green, blue, alpha].every(Number.isFinite) ? [red, green, blue, alpha] : undefined
}

function hslToRgb(hue: number, saturation: number, lightness: number): readonly number[] {
  const chroma = saturation * Math.min(lightness, 1 - lightness)
  return [0, 8, 4].map((offset) => {
    const at = (((offset + hue / 30) % 12) + 12) % 12
    return 255 * (lightness - chroma * Math.max(-1, Math.min(at - 3, 9 - at, 1)))
  })
}

/** Nobody reads text in this colour on that ground: transparent, or nearly the same. */
export function blendsIn(text: Colour, ground: Colour): boolean {
  if (text[3] < 0.05) return true
  const apart = ([0, 1, 2] as const).map((at) => Math.abs(text[at] - ground[at]) * text[3])
  return apart.reduce((sum, channel) => sum + channel, 0) < 36
}
