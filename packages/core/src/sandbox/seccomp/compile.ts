import { AUDIT_ARCH, syscallNumbers, type Architecture } from './numbers.ts'
import {
  SECCOMP_ACTIONS,
  type SeccompAction,
  type SeccompArgument,
  type SeccompProfile,
  type SeccompRule,
} from './profile.ts'
import { assemble, type Instruction, type Label } from './program.ts'

/** Offsets in `struct seccomp_data`. */
const NUMBER = 0
const ARCH = 4
const ARGUMENTS = 16

const SECCOMP_DATA = 0xffff
const RETURNS: Readonly<Record<SeccompAction, number>> = {
  kill: 0x80000000,
  trap: 0x00030000,
  errno: 0x00050000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
}

/** What is done with all calls of a range of numbers: one answer, or rules on arguments and then one. */
interface Range {
  readonly from: number
  readonly conditions: readonly SeccompRule[]
  readonly answer: number
}

/**
 * A profile as the program that the kernel runs on every call. Another architecture (`int 0x80`) ends the process; numbers that
 * nobody names (new calls, x32) get the default. Of the rules on arguments that hold the strictest counts, whatever their order.
 * @throws RangeError for a profile too large for the kernel
 */
export function compileSeccomp(profile: SeccompProfile, architecture: Architecture): Uint8Array<ArrayBuffer> {
  const native: Label = { name: 'native' }
  const foreign: Label = { name: 'foreign' }
  return assemble([
    { op: 'load', offset: ARCH },
    { op: 'jump', if: 'eq', value: AUDIT_ARCH[architecture], met: native, unmet: foreign },
    { op: 'label', label: foreign },
    { op: 'return', value: RETURNS.kill },
    { op: 'label', label: native },
    { op: 'load', offset: NUMBER },
    ...search(rangesOf(profile, syscallNumbers(architecture))),
  ])
}

const answerOf = ({ action, errno }: Pick<SeccompRule, 'action' | 'errno'>): number =>
  (RETURNS[action] | (action === 'errno' ? errno & SECCOMP_DATA : 0)) >>> 0

function rangesOf(profile: SeccompProfile, numbers: ReadonlyMap<string, number>): readonly Range[] {
  const byNumber = new Map<number, SeccompRule[]>()
  for (const rule of profile.rules) {
    for (const name of rule.names) {
      const number = numbers.get(name)
      if (number !== undefined) byNumber.set(number, [...(byNumber.get(number) ?? []), rule])
    }
  }
  const fallback = answerOf(profile)
  const ranges: Range[] = [{ from: 0, conditions: [], answer: fallback }]
  const begin = (range: Range): void => {
    const last = ranges.at(-1)
    if (last?.from === range.from) ranges.pop()
    const before = ranges.at(-1)
    const same = before?.answer === range.answer && before.conditions.length + range.conditions.length === 0
    if (!same) ranges.push(range)
  }
  for (const [number, rules] of [...byNumber].sort(([a], [b]) => a - b)) {
    const sorted = [...rules].sort((a, b) => strictness(a) - strictness(b))
    const plain = sorted.find(({ args }) => args.length === 0)
    const conditions = sorted.filter(({ args }) => args.length > 0)
    begin({ from: number, conditions, answer: plain === undefined ? fallback : answerOf(plain) })
    begin({ from: number + 1, conditions: [], answer: fallback })
  }
  return ranges
}

const strictness = ({ action }: SeccompRule): number => SECCOMP_ACTIONS.indexOf(action)

/** A balanced search over the ranges; the number is in the accumulator. */
function search(ranges: readonly Range[]): readonly Instruction[] {
  const [only] = ranges
  if (only === undefined) return []
  if (ranges.length === 1) return decide(only)
  const middle = ranges.length >> 1
  const lower: Label = { name: 'lower' }
  const upper: Label = { name: 'upper' }
  return [
    { op: 'jump', if: 'ge', value: ranges[middle]?.from ?? 0, met: upper, unmet: lower },
    { op: 'label', label: lower },
    ...search(ranges.slice(0, middle)),
    { op: 'label', label: upper },
    ...search(ranges.slice(middle)),
  ]
}

function decide({ conditions, answer }: Range): readonly Instruction[] {
  return [...conditions.flatMap(conditional), { op: 'return', value: answer }]
}

/** Returns the rule's answer when all its arguments hold, else goes on behind it. */
function conditional(rule: SeccompRule): readonly Instruction[] {
  const otherwise: Label = { name: 'otherwise' }
  return [
    ...rule.args.flatMap((argument) => compare(argument, otherwise)),
    { op: 'return', value: answerOf(rule) },
    { op: 'label', label: otherwise },
  ]
}

/** Goes on when the comparison holds, else to `otherwise`. Both halves of the argument are looked at. */
function compare({ index, op, value, valueTwo }: SeccompArgument, otherwise: Label): readonly Instruction[] {
  const low: Instruction = { op: 'load', offset: ARGUMENTS + 8 * index }
  const high: Instruction = { op: 'load', offset: ARGUMENTS + 8 * index + 4 }
  const holds: Label = { name: 'holds' }
  const tie: Label = { name: 'tie' }
  const next: Label = { name: 'next' }
  const [lowOf, highOf] = [half(value, 0n), half(value, 32n)]
  const end: Instruction = { op: 'label', label: holds }
  switch (op) {
    case 'masked':
      return [
        high,
        { op: 'and', value: highOf },
        { op: 'jump', if: 'eq', value: half(valueTwo, 32n), met: next, unmet: otherwise },
        { op: 'label', label: next },
        low,
        { op: 'and', value: lowOf },
        { op: 'jump', if: 'eq', value: half(valueTwo, 0n), met: holds, unmet: otherwise },
        end,
      ]
    case 'eq':
      return [
        high,
        { op: 'jump', if: 'eq', value: highOf, met: next, unmet: otherwise },
        { op: 'label', label: next },
        low,
        { op: 'jump', if: 'eq', value: lowOf, met: holds, unmet: otherwise },
        end,
      ]
    case 'ne':
      return [
        high,
        { op: 'jump', if: 'eq', value: highOf, met: tie, unmet: holds },
        { op: 'label', label: tie },
        low,
        { op: 'jump', if: 'eq', value: lowOf, met: otherwise, unmet: holds },
        end,
      ]
    default: {
      // greater: decided by the upper half, or by the lower one where the upper are equal; the others are its negations
      const [yes, no] = op === 'gt' || op === 'ge' ? [holds, otherwise] : [otherwise, holds]
      const last = op === 'gt' || op === 'le' ? 'gt' : 'ge'
      return [
        high,
        { op: 'jump', if: 'gt', value: highOf, met: yes, unmet: next },
        { op: 'label', label: next },
        { op: 'jump', if: 'eq', value: highOf, met: tie, unmet: no },
        { op: 'label', label: tie },
        low,
        { op: 'jump', if: last, value: lowOf, met: yes, unmet: no },
        end,
      ]
    }
  }
}

const half = (value: bigint, shift: bigint): number => Number((value >> shift) & 0xffffffffn)
