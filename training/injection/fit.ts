import { FEATURES } from '../../packages/core/src/detect/injection/features.ts'
import { bestWindow } from '../../packages/core/src/detect/injection/windows.ts'
import type { Document } from './documents.ts'

export interface FitOptions {
  readonly bits: number
  readonly epochs: number
  readonly rate: number
  /** Share of features left out at random, so that no single phrase carries a document. */
  readonly dropout: number
  readonly decay: number
  readonly seed: number
  readonly weightOf?: (document: Document) => number
}

export interface Fitted {
  readonly weights: Float32Array
  readonly bias: number
}

/** Mulberry32: the same stream for a seed on every machine. */
export function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Logistic regression with AdaGrad on the best-scoring window of every document (multiple-instance learning). Deterministic. */
export function fit(documents: readonly Document[], options: FitOptions): Fitted {
  const { bits, epochs, rate, dropout, decay, seed } = options
  const size = 1 << bits
  const weights = new Float32Array(size)
  const squares = new Float32Array(size).fill(1e-3)
  let bias = -1
  let biasSquares = 1e-3
  const next = random(seed)
  const order = Uint32Array.from(documents.keys())
  let sums = new Float64Array(2048)
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let index = order.length - 1; index > 0; index--) {
      const other = Math.floor(next() * (index + 1))
      const held = order[index] ?? 0
      order[index] = order[other] ?? 0
      order[other] = held
    }
    for (const which of order) {
      const document = documents[which]
      if (document === undefined || document.tokens === 0) continue
      const { buckets, tokens } = document
      if (sums.length < tokens + 1) sums = new Float64Array(tokens + 1)
      const salt = Math.floor(next() * 0x7fffffff)
      const cut = dropout * 1024
      let sum = 0
      for (let token = 0; token < tokens; token++) {
        for (let at = token * FEATURES; at < (token + 1) * FEATURES; at++) {
          const bucket = buckets[at] ?? 0
          if (bucket !== 0 && kept(bucket, salt, cut)) sum += weights[bucket] ?? 0
        }
        sums[token + 1] = sum
      }
      const best = bestWindow(sums, tokens)
      const score = best.score / (1 - dropout) + bias
      const label = document.row.label
      const weight = options.weightOf?.(document) ?? 1
      const gradient = (1 / (1 + Math.exp(-score)) - label) * weight
      if (Math.abs(gradient) < 1e-4) continue
      biasSquares += gradient * gradient
      bias -= (rate * gradient) / Math.sqrt(biasSquares)
      for (let at = best.first * FEATURES; at < best.end * FEATURES; at++) {
        const bucket = buckets[at] ?? 0
        if (bucket === 0 || !kept(bucket, salt, cut)) continue
        const slope = gradient + decay * (weights[bucket] ?? 0)
        const total = (squares[bucket] ?? 0) + slope * slope
        squares[bucket] = total
        weights[bucket] = (weights[bucket] ?? 0) - (rate * slope) / Math.sqrt(total)
      }
    }
  }
  return { weights, bias }
}

/**
 * Average of several fits, each on another part of the documents: what only some of them learned weighs less than what all did. A linear model's
 * average is one linear model, so that it costs nothing later.
 */
export function fitAverage(documents: readonly Document[], options: FitOptions, rounds: number, part: number): Fitted {
  const weights = new Float32Array(1 << options.bits)
  let bias = 0
  for (let round = 0; round < rounds; round++) {
    const seed = options.seed * 1000 + round
    const next = random(seed)
    const one = fit(
      documents.filter(() => next() < part),
      { ...options, seed },
    )
    for (let bucket = 0; bucket < weights.length; bucket++)
      weights[bucket] = (weights[bucket] ?? 0) + (one.weights[bucket] ?? 0) / rounds
    bias += one.bias / rounds
  }
  return { weights, bias }
}

const kept = (bucket: number, salt: number, cut: number): boolean => {
  const mixed = Math.imul(bucket ^ salt, 0x9e3779b1)
  return ((mixed >>> 16) & 1023) >= cut
}
