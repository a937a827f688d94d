/** How much is undone of what hides a text (T-148, T-160). */
export interface DecodeLimits {
  /** Layers: a base64 in a base64 is two. */
  readonly depth: number
  /** Units of decoded text in all, over every layer. */
  readonly units: number
  /** Segments in all. */
  readonly segments: number
}

export const DECODE_LIMITS: DecodeLimits = { depth: 3, units: 1 << 20, segments: 256 }
