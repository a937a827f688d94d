import { admitBundle } from '../../assurance/admission/admit.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { accountName, admissionOf, asJson } from './room.ts'
import { bundleOf, pinnedForm } from './source.ts'

/** `skills add PATH|REFERENCE`: 0 taken in · 1 refused · 2 usage · 3 could not do its job. */
export const run: CommandRun = async (io, [source = ''], options) => {
  if (options['resolve'] === true) {
    const reference = await pinnedForm(io, source)
    io.out(io.json ? safeJson({ reference }) : reference)
    return 0
  }
  const bundle = await bundleOf(io, source, options)
  const { provenance } = bundle
  const { name, hash, state, decidedBy, reason, version } = await admitBundle(bundle, admissionOf(io), accountName())
  const { findings, capabilities } = version
  if (io.json) io.out(safeJson(asJson({ name, hash, state, decidedBy, reason, findings, capabilities, provenance })))
  else {
    io.out(`${name}  ${shortHash(hash)}  ${state}  (${decidedBy}, ${version.found} findings)`)
    for (const note of provenance.notes) io.err(note)
    io.err(reason)
    if (state === 'pending_review') io.err(`Look at it with \`sallyport skills review ${name}\`.`)
    else if (state === 'refused') io.err(`See why with \`sallyport skills show ${name}\`.`)
  }
  return state === 'refused' ? 1 : 0
}
