import { toSallyportError, type Change, type JsonObject } from '@sallyport/core'
import type { LandingPort, LandingRequest } from '../../boundary/ports-landing.ts'
import type { WorkspaceCopy } from '../copy/workspace-copy.ts'

/** What the caller is told of its changes. */
export interface Landed {
  readonly body: JsonObject
  readonly said: string
  readonly isRefused: boolean
}

/** Changes that an answer names; the rest is counted. */
const MOST_NAMED = 500

/**
 * Lands what a command did to its copy, when that is decided so; `isWhole`: the command came to its own end.
 * Throws nothing: why nothing landed is part of the answer.
 */
export async function landed(
  copy: WorkspaceCopy,
  request: Pick<LandingRequest, 'server' | 'tool' | 'decideWritten'>,
  isWhole: boolean,
  decide: LandingPort,
): Promise<Landed> {
  let changes: readonly Change[] = []
  try {
    if (!isWhole)
      return told(changes, { code: 'SP_SANDBOX_LANDING', reason: 'The command was ended before it was done.' })
    const diff = await copy.diff()
    changes = diff.changes
    if (changes.length === 0) return told(changes)
    const verdict = await decide({
      ...request,
      workspace: copy.workspace,
      ...diff,
      textsOf: (change) => copy.textsOf(change),
    })
    if (!verdict.ok) return told(changes, verdict)
    await copy.land(diff)
    return told(changes)
  } catch (thrown) {
    const { code, detail, entry } = toSallyportError(thrown)
    return told(changes, { code, reason: `${detail} ${entry.next}`.trim() })
  }
}

function told(changes: readonly Change[], refusal?: { readonly code: string; readonly reason: string }): Landed {
  const note = ({ path, kind, size, isBinary }: Change): JsonObject => ({ path, change: kind, size, isBinary })
  return {
    body: {
      landed: refusal === undefined,
      changes: changes.slice(0, MOST_NAMED).map(note),
      changeCount: changes.length,
      ...(refusal === undefined ? {} : { landing: { code: refusal.code, reason: refusal.reason } }),
    },
    said: refusal === undefined ? '' : `(nothing of it landed in the workspace: ${refusal.reason})`,
    isRefused: refusal !== undefined,
  }
}
