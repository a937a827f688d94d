import { isJsonObject, type Json, type JsonObject } from '../../json/types.ts'
import { SallyportError } from '../../errors/error.ts'
import { SYSCALL_NAMES } from './numbers.ts'

/** What happens to a call, strictest first. `kill` ends the process, `log` lets it run and writes it to the kernel's log. */
export const SECCOMP_ACTIONS = ['kill', 'trap', 'errno', 'log', 'allow'] as const
export type SeccompAction = (typeof SECCOMP_ACTIONS)[number]

type SeccompComparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'masked'

/** One argument, compared as an unsigned number of 64 bits. For `masked`: `(argument & value) == valueTwo`. */
export interface SeccompArgument {
  readonly index: number
  readonly op: SeccompComparison
  readonly value: bigint
  readonly valueTwo: bigint
}

export interface SeccompRule {
  readonly names: readonly string[]
  readonly action: SeccompAction
  readonly errno: number
  /** All must hold; a rule without any is the fallback of its calls. */
  readonly args: readonly SeccompArgument[]
}

export interface SeccompProfile {
  readonly action: SeccompAction
  readonly errno: number
  readonly rules: readonly SeccompRule[]
}

const ACTIONS: Readonly<Record<string, SeccompAction>> = {
  SCMP_ACT_KILL: 'kill',
  SCMP_ACT_KILL_PROCESS: 'kill',
  SCMP_ACT_KILL_THREAD: 'kill',
  SCMP_ACT_TRAP: 'trap',
  SCMP_ACT_ERRNO: 'errno',
  SCMP_ACT_LOG: 'log',
  SCMP_ACT_ALLOW: 'allow',
}
const COMPARISONS: Readonly<Record<string, SeccompComparison>> = {
  SCMP_CMP_EQ: 'eq',
  SCMP_CMP_NE: 'ne',
  SCMP_CMP_LT: 'lt',
  SCMP_CMP_LE: 'le',
  SCMP_CMP_GT: 'gt',
  SCMP_CMP_GE: 'ge',
  SCMP_CMP_MASKED_EQ: 'masked',
}
const EPERM = 1
const MOST_RULES = 2_000
const PROFILE_MEMBERS = ['defaultAction', 'defaultErrnoRet', 'architectures', 'archMap', 'syscalls', 'comment']
const RULE_MEMBERS = ['names', 'name', 'action', 'args', 'errnoRet', 'comment']
const ARGUMENT_MEMBERS = ['index', 'value', 'valueTwo', 'op']

/**
 * A seccomp profile in the JSON form of Docker and OCI (AC-6.2.2). Strict: what this compiler does not know (`includes`,
 * `excludes`, `flags`, listeners) would change what the profile means, so it is an error and not skipped.
 * @throws SallyportError SP_SANDBOX_PROFILE naming the member.
 */
export function parseSeccompProfile(json: Json): SeccompProfile {
  const profile = object(json, 'The profile', PROFILE_MEMBERS)
  const listed = profile['syscalls'] ?? []
  if (!Array.isArray(listed) || listed.length > MOST_RULES) throw wrong('syscalls is not a list of rules')
  return {
    action: action(profile['defaultAction'], 'defaultAction'),
    errno: errno(profile['defaultErrnoRet'], 'defaultErrnoRet'),
    rules: (listed as readonly Json[]).map((rule, at) => seccompRule(rule, `syscalls[${at}]`)),
  }
}

/** The same profile with every refusal written to the kernel's log instead: to learn what a program needs. */
export const learningProfile = ({ action, errno, rules }: SeccompProfile): SeccompProfile => ({
  action: action === 'allow' ? 'allow' : 'log',
  errno,
  rules: rules.map((rule) => (rule.action === 'allow' ? rule : { ...rule, action: 'log' })),
})

const LOW_HALF = 0xffff_ffffn
/**
 * The same profile where a process cannot signal its own process group as such: on a terminal that group holds processes outside of the
 * sandbox, which a number could not name. The kernel compares a process id with 32 bits.
 */
export const withoutOwnGroup = (profile: SeccompProfile): SeccompProfile => ({
  ...profile,
  rules: [
    {
      names: ['kill'],
      action: 'errno',
      errno: EPERM,
      args: [{ index: 0, op: 'masked', value: LOW_HALF, valueTwo: 0n }],
    },
    {
      names: ['pidfd_send_signal'],
      action: 'errno',
      errno: EPERM,
      args: [{ index: 3, op: 'ne', value: 0n, valueTwo: 0n }],
    },
    ...profile.rules,
  ],
})

function seccompRule(json: Json, where: string): SeccompRule {
  const rule = object(json, where, RULE_MEMBERS)
  const names = rule['names'] ?? (rule['name'] === undefined ? undefined : [rule['name']])
  if (!Array.isArray(names) || names.length === 0) throw wrong(`${where}.names is not a list of calls`)
  for (const name of names) {
    if (typeof name !== 'string' || !SYSCALL_NAMES.has(name)) {
      throw wrong(`${where}.names: no system call is named ${JSON.stringify(name)}`)
    }
  }
  const args = rule['args'] ?? []
  if (!Array.isArray(args)) throw wrong(`${where}.args is not a list`)
  return {
    names: names as readonly string[],
    action: action(rule['action'], `${where}.action`),
    errno: errno(rule['errnoRet'], `${where}.errnoRet`),
    args: (args as readonly Json[]).map((arg, at) => argument(arg, `${where}.args[${at}]`)),
  }
}

function argument(json: Json, where: string): SeccompArgument {
  const { index, value, valueTwo = 0, op } = object(json, where, ARGUMENT_MEMBERS)
  const comparison = typeof op === 'string' ? COMPARISONS[op] : undefined
  if (comparison === undefined) throw wrong(`${where}.op is not a comparison`)
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > 5) {
    throw wrong(`${where}.index is not one of 0 to 5`)
  }
  return {
    index,
    op: comparison,
    value: number(value, `${where}.value`),
    valueTwo: number(valueTwo, `${where}.valueTwo`),
  }
}

function number(json: Json | undefined, where: string): bigint {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0) throw wrong(`${where} is not a whole number`)
  return BigInt(json)
}

function action(json: Json | undefined, where: string): SeccompAction {
  const known = typeof json === 'string' ? ACTIONS[json] : undefined
  if (known === undefined) throw wrong(`${where} is not an action that can be compiled`)
  return known
}

function errno(json: Json | undefined, where: string): number {
  if (json === undefined || json === null) return EPERM
  if (typeof json !== 'number' || !Number.isInteger(json) || json < 1 || json > 4_095) {
    throw wrong(`${where} is not an error number`)
  }
  return json
}

function object(json: Json, where: string, known: readonly string[]): JsonObject {
  if (!isJsonObject(json)) throw wrong(`${where} is not an object`)
  const extra = Object.keys(json).find((name) => !known.includes(name))
  if (extra !== undefined) throw wrong(`${where} has ${JSON.stringify(extra)}, which is not understood`)
  return json
}

const wrong = (what: string): SallyportError => new SallyportError('SP_SANDBOX_PROFILE', `seccomp: ${what}.`)
