import { resolve } from 'node:path'
import { admitBundle } from '../../assurance/admission/admit.ts'
import { readBundle } from '../../assurance/admission/read-bundle.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { accountName, admissionOf, asJson, textOption } from './room.ts'

/** Milliseconds that reading may take. */
const LONGEST = 120_000

/** `skills add PATH`: 0 taken in · 1 refused · 2 usage · 3 could not do its job. */
export const run: CommandRun = async (io, [path = ''], options) => {
  const now = (): number => performance.now()
  const bundle = await readBundle(
    resolve(io.cwd, path),
    { now, deadline: now() + LONGEST },
    textOption(options, 'name'),
  )
  const admission = await admitBundle(bundle, admissionOf(io), accountName())
  const { name, hash, state, decidedBy, reason, version } = admission
  if (io.json)
    io.out(
      safeJson(
        asJson({
          name,
          hash,
          state,
          decidedBy,
          reason,
          findings: version.findings,
          capabilities: version.capabilities,
        }),
      ),
    )
  else {
    io.out(`${name}  ${shortHash(hash)}  ${state}  (${decidedBy}, ${version.found} findings)`)
    io.err(reason)
    if (state === 'pending_review') io.err(`Look at it with \`sallyport skills review ${name}\`.`)
    else if (state === 'refused') io.err(`See why with \`sallyport skills show ${name}\`.`)
  }
  return state === 'refused' ? 1 : 0
}
