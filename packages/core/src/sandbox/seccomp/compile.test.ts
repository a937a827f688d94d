import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSeccomp } from './compile.ts'
import { AUDIT_ARCH, SYSCALL_NAMES, syscallNumbers, type Architecture } from './numbers.ts'
import { SECCOMP_ACTIONS, type SeccompArgument, type SeccompProfile, type SeccompRule } from './profile.ts'

const ANSWERS = { kill: 0x80000000, trap: 0x30000, errno: 0x50000, log: 0x7ffc0000, allow: 0x7fff0000 } as const
const ALL = 0xffffffffffffffffn

/** The kernel's machine for classic BPF, as far as seccomp uses it: an independent reading of what was compiled. */
function execute(program: Uint8Array, arch: number, number: number, args: readonly bigint[]): number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, number >>> 0, true)
  data.setUint32(4, arch, true)
  args.forEach((value, index) => data.setBigUint64(16 + 8 * index, value, true))
  const code = new DataView(program.buffer)
  let accumulator = 0
  for (let at = 0; ;) {
    const [op, yes, no, k] = [
      code.getUint16(at * 8, true),
      code.getUint8(at * 8 + 2),
      code.getUint8(at * 8 + 3),
      code.getUint32(at * 8 + 4, true),
    ]
    at++
    if (op === 0x20) accumulator = data.getUint32(k, true)
    else if (op === 0x54) accumulator = (accumulator & k) >>> 0
    else if (op === 0x05) at += k
    else if (op === 0x06) return k
    else if (op === 0x15) at += accumulator === k ? yes : no
    else if (op === 0x25) at += accumulator > k ? yes : no
    else if (op === 0x35) at += accumulator >= k ? yes : no
    else throw new Error(`unknown instruction ${op}`)
  }
}

/** What a profile means, without any program. */
function meaning(profile: SeccompProfile, name: string | undefined, args: readonly bigint[]): number {
  const rules = profile.rules.filter((rule) => name !== undefined && rule.names.includes(name))
  const answer = ({ action, errno }: { action: SeccompRule['action']; errno: number }): number =>
    (ANSWERS[action] | (action === 'errno' ? errno : 0)) >>> 0
  const strictest = (some: readonly SeccompRule[]): SeccompRule | undefined =>
    [...some].sort((a, b) => SECCOMP_ACTIONS.indexOf(a.action) - SECCOMP_ACTIONS.indexOf(b.action))[0]
  const met = rules.filter(
    (rule) => rule.args.length > 0 && rule.args.every((arg) => holds(arg, args[arg.index] ?? 0n)),
  )
  return answer(strictest(met) ?? strictest(rules.filter((rule) => rule.args.length === 0)) ?? profile)
}

function holds({ op, value, valueTwo }: SeccompArgument, given: bigint): boolean {
  switch (op) {
    case 'eq':
      return given === value
    case 'ne':
      return given !== value
    case 'lt':
      return given < value
    case 'le':
      return given <= value
    case 'gt':
      return given > value
    case 'ge':
      return given >= value
    case 'masked':
      return (given & value) === valueTwo
  }
}

const word = fc.oneof(
  fc.bigInt(0n, ALL),
  fc.constantFrom(0n, 1n, 0xffffffffn, 0x100000000n, 0x5412n, (0x5412n | (7n << 32n)) & ALL, ALL),
)
const argument = fc.record({
  index: fc.integer({ min: 0, max: 5 }),
  op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'masked' as const),
  value: word,
  valueTwo: word,
})
const NAMES = [...SYSCALL_NAMES]
const rule = fc.record({
  names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 20 }),
  action: fc.constantFrom(...SECCOMP_ACTIONS),
  // one error number per action: two equally strict rules then mean the same
  errno: fc.constant(13),
  args: fc.array(argument, { maxLength: 3 }),
})
const profile = fc.record({
  action: fc.constantFrom(...SECCOMP_ACTIONS),
  errno: fc.constant(38),
  rules: fc.array(rule, { maxLength: 12 }),
})

describe('seccomp programs', () => {
  it('T-138: every program answers each call as its profile says, on both architectures', () => {
    fc.assert(
      fc.property(
        profile,
        fc.constantFrom<Architecture>('x86_64', 'aarch64'),
        fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.array(word, { minLength: 6, maxLength: 6 })), {
          minLength: 5,
          maxLength: 30,
        }),
        (given, architecture, calls) => {
          const program = compileSeccomp(given, architecture)
          const numbers = syscallNumbers(architecture)
          const named = given.rules
            .flatMap(({ names }) => names)
            .map((name) => [name, [1n, 0n, ALL, 5n, 0n, 0n]] as const)
          for (const [name, args] of [...calls, ...named]) {
            const number = numbers.get(name)
            if (number === undefined) continue
            expect(execute(program, AUDIT_ARCH[architecture], number, args)).toBe(meaning(given, name, args))
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('T-138: a call of another architecture ends the process; unknown and x32 numbers get the default', () => {
    const program = compileSeccomp(
      { action: 'errno', errno: 38, rules: [{ names: ['read'], action: 'allow', errno: 1, args: [] }] },
      'x86_64',
    )
    const none = [0n, 0n, 0n, 0n, 0n, 0n]
    expect(execute(program, 0x40000003, 0, none)).toBe(ANSWERS.kill)
    expect(execute(program, AUDIT_ARCH.x86_64, 0, none)).toBe(ANSWERS.allow)
    for (const number of [1, 470, 0x40000000, 0x40000001, 0xffffffff]) {
      expect(execute(program, AUDIT_ARCH.x86_64, number, none)).toBe(ANSWERS.errno | 38)
    }
  })
})
