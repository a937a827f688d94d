import type { CliOptions } from '../command.ts'

/** What the operator plane is told about a wrapped server. Names of variables, never their values. */
export interface ServerOrder {
  readonly alias: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: readonly string[]
  readonly [member: string]: string | readonly string[]
}

export function serverOrder(
  alias: string,
  command: readonly string[],
  cwd: string,
  env: CliOptions[string],
): ServerOrder {
  return { alias, command, cwd, env: variableNames(env).sort() }
}

/** `--env A --env B,C` → A, B, C. */
export const variableNames = (env: CliOptions[string]): string[] =>
  [env ?? []].flat().flatMap((names) => String(names).split(','))
