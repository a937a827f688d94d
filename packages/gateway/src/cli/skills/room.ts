import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { SallyportError, type JsonObject } from '@sallyport/core'
import type { AdmissionDeps } from '../../assurance/admission/admit.ts'
import { inspectSkill } from '../../assurance/admission/inspect.ts'
import type { Register } from '../../assurance/admission/register.ts'
import { createSkillStore, type SkillStore } from '../../assurance/admission/store.ts'
import { skillReview, skillRows, type SkillReview, type SkillRow } from '../../assurance/admission/view.ts'
import { systemClock } from '../../clock.ts'
import { layout } from '../../config/paths.ts'
import { openKeys } from '../../custody/keys.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { scanDeps } from '../scan/deps.ts'

/** The skills of the state directory, whether or not a gateway runs. Looking makes nothing there. */
export function storeOf({ stateDir }: Pick<CliIo, 'stateDir'>, use: 'look' | 'change'): SkillStore {
  const files = layout(stateDir)
  const isNew = use === 'look' && !existsSync(files.skills)
  const key = isNew ? new Uint8Array(32) : openKeys(files.keys, existsSync(files.store), systemRandom).mac
  return createSkillStore({ directory: files.skills, key, random: systemRandom })
}

/** Takes skills in from here: the scan runs in this process. */
export function admissionOf(io: Pick<CliIo, 'stateDir'>): AdmissionDeps {
  let deps: ReturnType<typeof scanDeps> | undefined
  return {
    store: storeOf(io, 'change'),
    scan: async (skill) => inspectSkill(skill, await (deps ??= scanDeps())),
    clock: systemClock,
  }
}

export interface SkillList extends Pick<Register, 'block' | 'allow'> {
  readonly skills: readonly SkillRow[]
}

/** What there is: from the gateway where one runs, else from its files. */
export async function listSkills(io: CliIo): Promise<SkillList> {
  if (await io.gateway.alive()) return (await io.gateway.request('GET', '/api/v1/skills')) as unknown as SkillList
  const { block, allow, ...register } = await storeOf(io, 'look').read()
  return { skills: skillRows({ ...register, block, allow }), block, allow }
}

/** @throws SallyportError SP_SKILL_UNKNOWN, SP_CLI_USAGE */
export async function reviewOf(io: CliIo, name: string, options: CliOptions): Promise<SkillReview> {
  const hash = options['hash']
  if (hash !== undefined && (typeof hash !== 'string' || !/^[0-9a-f]{6,64}$/.test(hash)))
    throw new SallyportError('SP_CLI_USAGE', '--hash: six or more hexadecimal digits.')
  if (!(await io.gateway.alive())) return skillReview(storeOf(io, 'look'), name, hash)
  const query = hash === undefined ? '' : `?hash=${hash}`
  return (await io.gateway.request(
    'GET',
    `/api/v1/skills/${encodeURIComponent(name)}${query}`,
  )) as unknown as SkillReview
}

/** @throws SallyportError SP_CLI_USAGE */
export function reasonOf(options: CliOptions): string {
  const reason = options['reason']
  if (typeof reason === 'string' && reason.trim().length >= 3) return reason.trim().slice(0, 500)
  throw new SallyportError('SP_CLI_USAGE', 'Say why with --reason, in three characters or more.')
}

export const textOption = (options: CliOptions, name: string): string | undefined => {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The account that runs this command, for what needs nobody's agreement. */
export const accountName = (): string => `account:${userInfo().username}`

export const asJson = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject
