import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One way in which a hook can behave: a shell script, or a program that is not there. */
export interface Canary {
  readonly id: string
  readonly script: string | undefined
  readonly executable?: false
}

const deny = JSON.stringify({
  hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: 'canary' },
})
const ask = deny.replace('"deny"', '"ask"')
const say = (json: string): string => `printf '%s\\n' '${json}'`

/** The failure branches of agent hooks, worst last. The same for every host. */
export const CANARIES: readonly Canary[] = [
  { id: 'deny JSON, exit 0', script: say(deny) },
  { id: 'deny JSON + stderr + exit 2', script: `${say(deny)}; echo no >&2; exit 2` },
  { id: 'deny JSON, exit 2, no stderr', script: `${say(deny)}; exit 2` },
  { id: 'deny JSON, exit 1', script: `${say(deny)}; exit 1` },
  { id: 'stderr + exit 2', script: 'echo no >&2; exit 2' },
  { id: 'silent exit 2', script: 'exit 2' },
  { id: 'ask, nobody there', script: say(ask) },
  { id: 'exit 1', script: 'exit 1' },
  { id: 'time-out', script: 'exec sleep 30' },
  { id: 'killed', script: 'kill -9 $$' },
  { id: 'program missing', script: undefined },
  { id: 'not executable', script: say(deny), executable: false },
  { id: 'log line, then deny JSON', script: `echo starting; ${say(deny)}` },
  { id: 'empty output, exit 0', script: 'exit 0' },
  { id: 'empty object', script: say('{}') },
]

/** Writes the canary's program and returns the command line for the host's configuration. */
export function canaryCommand(directory: string, canary: Canary): string {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${canary.id.replaceAll(/[^a-z0-9]+/gi, '-')}.sh`)
  if (canary.script === undefined) return join(directory, 'no-such-program')
  writeFileSync(file, `#!/bin/sh\ncat >/dev/null\n${canary.script}\n`, {
    mode: canary.executable === false ? 0o600 : 0o700,
  })
  return file
}

/** Prints what was measured, one row for each canary. */
export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly [string, readonly string[]])[],
): void {
  const line = (cells: readonly string[]): string => cells.map((cell, at) => cell.padEnd(at === 0 ? 32 : 24)).join('')
  const body = rows.map(([id, cells]) => line([id, ...cells]))
  console.info([`\n${title} (stopped = the tool did not run)`, line(['hook does', ...columns]), ...body, ''].join('\n'))
}
