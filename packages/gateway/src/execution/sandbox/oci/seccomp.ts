import type { SeccompProfile } from '@sallyport/core'

type Argument = SeccompProfile['rules'][number]['args'][number]

const ACTIONS: Readonly<Record<SeccompProfile['action'], string>> = {
  kill: 'SCMP_ACT_KILL',
  trap: 'SCMP_ACT_TRAP',
  errno: 'SCMP_ACT_ERRNO',
  log: 'SCMP_ACT_LOG',
  allow: 'SCMP_ACT_ALLOW',
}
const COMPARISONS: Readonly<Record<Argument['op'], string>> = {
  eq: 'SCMP_CMP_EQ',
  ne: 'SCMP_CMP_NE',
  lt: 'SCMP_CMP_LT',
  le: 'SCMP_CMP_LE',
  gt: 'SCMP_CMP_GT',
  ge: 'SCMP_CMP_GE',
  masked: 'SCMP_CMP_MASKED_EQ',
}

const ENOSYS = 38

/**
 * A profile in the form of the OCI runtime specification, for a runtime that compiles it itself (AC-6.2.2). `No such call` is said as
 * a call that waits for a tracer, of whom there is none: runtimes before 1.0.3 of the specification know no error but EPERM, by which
 * a program does not learn that it should try an older call.
 */
export function ociSeccomp(profile: SeccompProfile): Readonly<Record<string, unknown>> {
  const named = profile.rules.filter(({ names }) => names.includes('ptrace'))
  const mayTrace = (named.length === 0 ? [profile] : named).some(({ action }) => action === 'allow' || action === 'log')
  const answer = ({ action, errno }: { readonly action: SeccompProfile['action']; readonly errno: number }): string =>
    action === 'errno' && errno === ENOSYS && !mayTrace ? 'SCMP_ACT_TRACE' : ACTIONS[action]
  return {
    defaultAction: answer(profile),
    ...(answer(profile) === ACTIONS.errno ? { defaultErrnoRet: profile.errno } : {}),
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
    syscalls: profile.rules.map((rule) => ({
      names: rule.names,
      action: answer(rule),
      ...(answer(rule) === ACTIONS.errno ? { errnoRet: rule.errno } : {}),
      args: rule.args.map(({ index, op, value, valueTwo }) => ({
        ...{ index, op: COMPARISONS[op] },
        ...{ value: Number(value), valueTwo: Number(valueTwo) },
      })),
    })),
  }
}
