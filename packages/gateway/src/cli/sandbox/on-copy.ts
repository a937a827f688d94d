import type { Change, SandboxProfile } from '@sallyport/core'
import { copyWorkspace, type CopyDiff, type WorkspaceCopy } from '../../execution/copy/workspace-copy.ts'
import type { CliIo } from '../command.ts'
import { formatTable } from '../output.ts'

export interface CopyUse {
  readonly id: string
  readonly profile: SandboxProfile
  /** Canonical path. */
  readonly workspace: string
  /** The changes are to land. */
  readonly isWanted: boolean
}

/** Rows that are shown; the rest is counted. */
const MOST_ROWS = 200

/**
 * Runs with a copy of the workspace where the profile says so, then shows what changed and lands it when that is wanted (E-69).
 * @throws SallyportError SP_SANDBOX_COPY, SP_SANDBOX_LANDING, SP_SANDBOX_CONFLICT
 */
export async function onCopy(
  io: CliIo,
  { id, profile, workspace, isWanted }: CopyUse,
  run: (copy: WorkspaceCopy | undefined) => Promise<number>,
): Promise<number> {
  if (profile.workspace !== 'copy') return run(undefined)
  const copy = await copyWorkspace({ workspace, stateDir: io.stateDir, id, bounds: profile.limits })
  try {
    const code = await run(copy)
    const diff = await copy.diff()
    show(io, diff)
    if (diff.changes.length === 0) return code
    if (!isWanted || code !== 0)
      io.err(`sallyport: nothing landed: ${isWanted ? `exit code ${code}` : 'give --apply'}.`)
    else await copy.land(diff)
    return code
  } finally {
    await copy.discard()
  }
}

function show(io: CliIo, { changes, refused }: CopyDiff): void {
  if (changes.length === 0) return io.err('sallyport: nothing changed.')
  const reasons = new Map(refused.map(({ path, reason }) => [path, reason]))
  const row = ({ kind, path, size, isBinary }: Change): readonly (string | number)[] => [
    kind,
    isBinary ? `${size} (binary)` : size,
    JSON.stringify(path),
    reasons.get(path) ?? '',
  ]
  io.err(formatTable(['change', 'bytes', 'path', 'never lands: it'], changes.slice(0, MOST_ROWS).map(row)))
  if (changes.length > MOST_ROWS) io.err(`and ${changes.length - MOST_ROWS} more`)
}
