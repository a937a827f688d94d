import type { Severity } from '@sallyport/core'
import { counted, foundOr, type Found, type HealthCheck } from '../check.ts'

export interface WeakSetting {
  readonly path: string
  /** What it lets happen. */
  readonly why: string
  /** Who accepted it until when; absent where nobody has to. */
  readonly by?: string
  readonly expires?: string
}

const GRAVITY: Readonly<Record<string, Severity>> = { mode: 'critical' }

/** Settings that weaken protection. Accepted or not, they cost what they cost (E-71). */
export const settingsCheck = (weak: () => readonly WeakSetting[]): HealthCheck => ({
  ...{ id: 'settings', area: 'config', title: 'Settings that weaken protection' },
  run: () =>
    foundOr(
      weak().map(({ path, why, by, expires }): Found => {
        const accepted = by === undefined ? '' : ` Accepted by ${by} until ${expires}.`
        return {
          id: `config.${path}`,
          severity: GRAVITY[path] ?? 'high',
          title: `${path} switches a protection off`,
          why: `${why}${accepted}`,
          next: `Remove ${path} from the configuration`,
        }
      }),
      'No setting weakens protection',
    ),
})

export interface OpenPath {
  readonly path: string
  readonly mode: number
  /** Others can write it, too. */
  readonly writable: boolean
}

/** The gateway's own files: nobody else reads its keys or writes its state (T-057). */
export const filesCheck = (
  open: () => { readonly looked: number; readonly open: readonly OpenPath[] },
): HealthCheck => ({
  ...{ id: 'files', area: 'config', title: 'Files of the gateway' },
  run: () => {
    const { looked, open: paths } = open()
    return foundOr(
      paths.map(({ path, mode, writable }): Found => ({
        id: `config.files.${path}`,
        severity: writable ? 'critical' : 'high',
        title: `${path} is open to others`,
        why: `Its mode is ${mode.toString(8)}: other accounts of this machine can ${writable ? 'change' : 'read'} it.`,
        next: `chmod go-rwx '${path}'`,
      })),
      'Own files are private',
      counted(looked, 'file'),
    )
  },
})

export interface PolicyFacts {
  readonly policies: number
  readonly version: string
  /** Presets in force. */
  readonly sources: readonly string[]
  /** Tools that no rule could be checked for; every call of them is denied. */
  readonly blocked: readonly string[]
  readonly staged: boolean
}

/** What is in force, and what waits. */
export const policyCheck = (facts: () => Promise<PolicyFacts>): HealthCheck => ({
  ...{ id: 'policy', area: 'policy', title: 'Policies in force' },
  run: async () => {
    const { policies, version, sources, blocked, staged } = await facts()
    const findings: Found[] = []
    if (sources.every((source) => source === 'preset:minimal'))
      findings.push({
        id: 'policy.minimal',
        severity: 'info',
        title: 'Nothing is allowed yet',
        why: 'Only preset:minimal is in force, so every call is denied.',
        next: 'sallyport init',
        page: '/policies',
      })
    if (blocked.length > 0)
      findings.push({
        id: 'policy.blocked',
        severity: 'low',
        title: `${counted(blocked.length, 'tool')} cannot be decided about`,
        why: `Rules do not fit the arguments of ${blocked.slice(0, 3).join(', ')}, so every call is denied.`,
        next: 'sallyport policy check',
        page: '/policies',
      })
    if (staged)
      findings.push({
        id: 'policy.staged',
        severity: 'info',
        title: 'A change that would allow more waits for a decision',
        why: 'The policy before it stays in force.',
        next: 'sallyport policy diff',
        page: '/policies',
      })
    const proof = `${counted(policies, 'policy', 'policies')}, ${version}`
    return findings.length === 0
      ? foundOr([], 'Policies are in force and checked', proof)
      : { state: 'found', found: findings, fine: { title: 'Policies are in force and checked', proof } }
  },
})
