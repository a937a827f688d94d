import type { Fitted } from './fit.ts'
import type { ModelHeader } from '../../packages/core/src/detect/injection/model.ts'
import { BITS, JAILBREAK_BITS, JAILBREAK_SHIFT } from './settings.ts'

/** Weights beyond this are cut: one feature must not decide alone. Logit. */
const MOST = 1.6

function quantise({ weights }: Fitted): Int8Array {
  return Int8Array.from(weights, (weight) => Math.round((Math.max(-MOST, Math.min(MOST, weight)) / MOST) * 127))
}

export interface Frozen {
  readonly user: ModelHeader['thresholds']['user']
  readonly content: ModelHeader['thresholds']['content']
  readonly slope: number
  readonly offset: number
}

/** The file that ships: one line of JSON, then the tables of both heads, 8 bits a weight. */
export function pack(injection: Fitted, jailbreak: Fitted, version: string, frozen: Frozen): Uint8Array {
  const scale = MOST / 127
  const header: ModelHeader = {
    format: 'sallyport-injection-1',
    version,
    injection: { bits: BITS, scale, bias: Math.fround(injection.bias) },
    jailbreak: { bits: JAILBREAK_BITS, scale, bias: Math.fround(jailbreak.bias + JAILBREAK_SHIFT) },
    thresholds: { user: frozen.user, content: frozen.content },
    calibration: { slope: frozen.slope, offset: frozen.offset },
  }
  const first = new TextEncoder().encode(`${JSON.stringify(header)}\n`)
  const tables = [quantise(injection), quantise(jailbreak)]
  const bytes = new Uint8Array(first.length + tables.reduce((sum, table) => sum + table.length, 0))
  bytes.set(first)
  let at = first.length
  for (const table of tables) {
    bytes.set(new Uint8Array(table.buffer), at)
    at += table.length
  }
  return bytes
}
