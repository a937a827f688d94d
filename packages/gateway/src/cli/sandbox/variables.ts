import { requirePassable, SallyportError } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import type { CliOptions } from '../command.ts'

/** Of a user's own environment, what says how text looks. */
const USUAL = ['LANG', 'TERM', 'COLORTERM']

/** Values of an option that may be repeated or joined with commas. */
export const listed = (given: CliOptions[string]): readonly string[] =>
  (Array.isArray(given) ? (given as readonly string[]) : []).flatMap((names) => names.split(','))

/** @throws SallyportError SP_CLI_USAGE for a variable that is not set, SP_SANDBOX_PROFILE for one that would steer */
export function passedVariables(names: readonly string[]): Readonly<Record<string, string>> {
  const env = environment()
  const result: Record<string, string> = {}
  for (const name of USUAL) if (env[name] !== undefined) result[name] = env[name]
  for (const name of names) {
    requirePassable(name)
    const value = env[name]
    if (value === undefined) throw new SallyportError('SP_CLI_USAGE', `The variable ${name} of --env is not set.`)
    result[name] = value
  }
  return result
}
