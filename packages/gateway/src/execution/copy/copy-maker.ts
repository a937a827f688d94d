import type { SandboxProfile } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import { requireWorkspace } from '../sandbox/workspace.ts'
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.ts'

/**
 * A copy of the workspace for a profile that works on one; undefined for any other.
 * @throws SallyportError SP_SANDBOX_WORKSPACE, SP_SANDBOX_COPY
 */
export type CopyMaker = (cwd: string | undefined, profile: SandboxProfile) => Promise<WorkspaceCopy | undefined>

export const createCopyMaker =
  ({ random, stateDir }: { readonly random: Random; readonly stateDir: string }): CopyMaker =>
  async (cwd, { workspace, limits }) => {
    if (cwd === undefined || workspace !== 'copy') return undefined
    const path = requireWorkspace(cwd, '/', stateDir)
    return copyWorkspace({ workspace: path, stateDir, id: random.uuid(), bounds: limits })
  }
