import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AdmissionDeps, Admission } from '../../packages/gateway/src/assurance/admission/admit.ts'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import type { Bundle } from '../../packages/gateway/src/assurance/admission/bundle.ts'
import { approveSkill } from '../../packages/gateway/src/assurance/admission/decide.ts'
import { createSkillGate, type SkillGate, type SkillNews } from '../../packages/gateway/src/assurance/admission/gate.ts'
import { operatorClient } from '../../packages/gateway/src/cli/client.ts'
import { skillsCommands } from '../../packages/gateway/src/cli/skills/commands.ts'
import { admissionOf } from '../../packages/gateway/src/cli/skills/room.ts'
import { cliFrame } from '../cli/frame.ts'

/** Skills of one operator: the store, the real scan, the gate, and the commands over them. */
export interface House {
  readonly deps: AdmissionDeps
  readonly gate: SkillGate
  readonly news: readonly SkillNews[]
  /** `scan: 'blind'`: one that finds nothing, but knows what the skill can do. */
  admit(bundle: Bundle, scan: 'real' | 'blind'): Promise<Admission>
  /** A reviewer who lets in what is shown. */
  approve(hash: string): Promise<void>
  /** `skills lock --installed` or `skills verify`; its exit code and what it said. */
  command(path: 'lock' | 'verify'): Promise<{ readonly code: number; readonly text: string }>
  remove(): void
}

export function house(place: string): House {
  const stateDir = join(place, 'state')
  const work = join(place, 'project')
  for (const path of [stateDir, work]) mkdirSync(path, { recursive: true, mode: 0o700 })
  const deps = admissionOf({ stateDir })
  const blind: AdmissionDeps = { ...deps, scan: async (skill) => ({ ...(await deps.scan(skill)), findings: [] }) }
  const news: SkillNews[] = []
  return {
    deps,
    news,
    gate: createSkillGate({ ...deps, tell: (one) => void news.push(one) }),
    admit: (bundle, scan) => admitBundle(bundle, scan === 'real' ? deps : blind, 'account:ana'),
    approve: async (hash) => {
      await approveSkill({ name: 'notes', hash, by: 'operator:ana', reason: 'looks useful' }, true, deps)
    },
    async command(path) {
      const { signal } = new AbortController()
      const { io, said } = cliFrame({
        ...{ cwd: work, stateDir, signal },
        gateway: operatorClient(join(stateDir, 'run', 'operator.sock'), signal),
      })
      const { run } = (await skillsCommands.find((one) => one.path === `skills ${path}`)?.load?.()) ?? {}
      const code = (await run?.(io, [], path === 'lock' ? { installed: true } : {})) ?? -1
      return { code, text: said.out }
    },
    remove: () => rmSync(place, { recursive: true, force: true }),
  }
}

/** Lays the files of a loaded skill where the agent has its work. */
export function layDown(place: string, files: readonly { readonly path: string; readonly bytes: Uint8Array }[]): void {
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), bytes)
  }
}
