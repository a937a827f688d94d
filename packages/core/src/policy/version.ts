/** Content version of a policy: digits.digits, compared number by number, so 1.9 < 1.10 (E-54). */
export type PolicyVersion = readonly [major: number, minor: number]

export function parsePolicyVersion(text: string): PolicyVersion | undefined {
  const parts = /^([0-9]{1,9})\.([0-9]{1,9})$/.exec(text)
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2])]
}

/** Negative when `a` is older. Text that is no version is older than every version. */
export function comparePolicyVersions(a: string, b: string): number {
  const [x, y] = [parsePolicyVersion(a) ?? [-1, -1], parsePolicyVersion(b) ?? [-1, -1]]
  return x[0] - y[0] || x[1] - y[1]
}
