/** The UTF-16 units of a text and three zeros behind them: numbers, because a loop over these is three times as fast. */
export function unitsOf(text: string): Uint16Array {
  const { length } = text
  if (length + 3 > scratch.length) scratch = new Uint16Array(Math.max(length + 3, scratch.length * 2))
  if (length < 48) for (let i = 0; i < length; i++) scratch[i] = text.charCodeAt(i)
  else Buffer.from(scratch.buffer, 0, length * 2).write(text, 'utf16le')
  scratch[length] = 0
  scratch[length + 1] = 0
  scratch[length + 2] = 0
  const units = scratch
  // A large one is not kept.
  if (scratch.length > LARGEST_KEPT) scratch = new Uint16Array(SMALLEST)
  return units
}

const SMALLEST = 16_384
const LARGEST_KEPT = 1 << 20
let scratch = new Uint16Array(SMALLEST)
