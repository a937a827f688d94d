import { describe, expect, it } from 'vitest'
import type { Severity } from '../policy/decision.ts'
import { healthScore } from './score.ts'

const many = (severity: Severity, count: number): Severity[] => Array.from({ length: count }, () => severity)

describe('the health score', () => {
  it.each<[readonly Severity[], number]>([
    [[], 100],
    [['info', 'info'], 100],
    [['low'], 95],
    [['medium', 'low'], 85],
    [['medium', 'medium'], 80],
    [many('low', 4), 80],
    [many('medium', 9), 10],
    [many('medium', 11), 0],
  ])('ND-7.4.a: %j is %i points', (found, score) => {
    expect(healthScore(found).score).toBe(score)
  })

  it.each<[readonly Severity[], number, number]>([
    [['critical'], 39, 39],
    [['critical', 'high'], 35, 39],
    [['critical', 'critical'], 20, 39],
    [['high'], 69, 69],
    [['high', 'low'], 69, 69],
    [['high', 'medium'], 65, 69],
    [['high', 'high'], 50, 69],
    [many('critical', 3), 0, 39],
  ])('E-73: %j scores %i, whatever else is in order', (found, score, cap) => {
    expect(healthScore(found)).toEqual({ score, cap })
  })

  it('E-73: no number of good checks lifts a critical finding above 39, nor a high one above 69', () => {
    const severities: Severity[] = ['critical', 'high', 'medium', 'low', 'info']
    for (let at = 0; at < 5 ** 4; at += 1) {
      const found = [0, 1, 2, 3].map((place) => severities[Math.floor(at / 5 ** place) % 5] ?? 'info')
      const { score } = healthScore(found)
      if (found.includes('critical')) expect(score).toBeLessThanOrEqual(39)
      if (found.includes('high')) expect(score).toBeLessThanOrEqual(69)
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(100)
    }
  })
})
