import { resolve } from 'node:path'
import { escapeText } from '@sallyport/core/approval/escape'
import { changeLines } from '../../assurance/admission/changes.ts'
import { LOCK_NAME } from '../../assurance/admission/lock-file.ts'
import { safeJson } from '../approvals/json.ts'
import type { CliIo, CommandRun } from '../command.ts'
import { printLines } from './print.ts'
import { asJson, textOption } from './room.ts'
import { SERVER_SAID, SKILL_SAID, verifiedLock, type Verified } from './verified.ts'

/** `skills verify`: 0 everything is as it was locked · 1 something is not · 2 there is no lock file · 3 it could not be verified. */
export const run: CommandRun = async (io, paths, options) => {
  const file = resolve(io.cwd, textOption(options, 'lock') ?? LOCK_NAME)
  const verified = await verifiedLock(
    io,
    file,
    paths.map((path) => resolve(io.cwd, path)),
  )
  const { skills, drifts, serverDrifts, unverified, servers } = verified
  if (io.json) io.out(safeJson(asJson({ file, verified: skills, drifts, servers, serverDrifts, unverified })))
  else print(io, verified)
  if (drifts.length + serverDrifts.length > 0) return 1
  return options['servers'] === true && unverified.length > 0 ? 3 : 0
}

function print(io: CliIo, { skills, drifts, servers, serverDrifts, unverified }: Verified): void {
  for (const drift of drifts) {
    io.out(escapeText(`${drift.name} (${drift.source}) ${SKILL_SAID[drift.kind]}.`))
    if (drift.kind === 'changed')
      printLines(
        io,
        changeLines(drift.changes).map((line) => `  ${line}`),
      )
  }
  for (const { server, tool, kind } of serverDrifts)
    io.out(escapeText(`${server}${tool === '' ? '' : `.${tool}`} ${SERVER_SAID[kind]}.`))
  if (unverified.length > 0)
    io.err(
      `Not verified, as no gateway runs here: the tools of ${unverified.join(', ')}. With --servers that is exit 3.`,
    )
  if (drifts.length + serverDrifts.length > 0) return
  io.out(`${skills} ${skills === 1 ? 'skill is' : 'skills are'} as locked.`)
  if (servers > 0) io.out(`The tools of ${servers} ${servers === 1 ? 'server' : 'servers'} are as locked.`)
}
