import type { Effect } from '@sallyport/core'
import type { SkillUse, SkillVerdict } from '../../../boundary/ports-skills.ts'
import { refuse } from '../../../boundary/ports.ts'
import type { NamedVersion, SkillVersion } from '../register.ts'
import { isAdmitted, TERMS } from '../terms.ts'
import type { Objection } from './places.ts'

/** What a call gives to what it runs, whoever runs it. */
export interface Reach {
  readonly egress: boolean
  readonly secrets: boolean
}

/** A skill behind a call. `runs`: its own files run; `loaded`: the agent has read it, and may be following it. */
export type Behind =
  | ({ readonly how: 'runs' } & NamedVersion)
  /** Without a version: nothing is known of it any more. */
  | { readonly how: 'loaded'; readonly name: string; readonly version: SkillVersion | undefined }

/** What a place gives, by what a skill gets: which capability lets it have that, and how that is said. */
const BOUNDS = [
  { of: 'egress', capability: 'network', said: 'goes out' },
  { of: 'secrets', capability: 'reads-secrets', said: 'reads secrets' },
] as const

const SENDS = /^(?:network\.|read\.metadata|exec\.remote|publish\.)/
const READS_SECRETS = /^read\.(?:secret|environment|keychain|memory)$/

/** What a call does by its own words: where it leads, and what of it is secret. */
function reachOf({ tool, described: { facts, effect } }: Pick<SkillUse, 'tool' | 'described'>): Reach {
  const { groups, args } = tool.annotation
  const isCommand = groups.includes('group:runtime') || groups.includes('group:fs')
  return {
    egress:
      (effect === 'external' && !isCommand) ||
      facts.hosts.length > 0 ||
      facts.commandEffects.some((one) => SENDS.test(one)),
    secrets:
      facts.places.includes('credentials') ||
      facts.commandEffects.some((one) => READS_SECRETS.test(one)) ||
      Object.values(args).includes('secret'),
  }
}

/** Words for what is beyond what a version gets where it stands; undefined: nothing is. */
export function beyond({ state, capabilities }: SkillVersion, does: Reach): string | undefined {
  const terms = TERMS[state]
  for (const { of, capability, said } of BOUNDS) {
    if (!does[of]) continue
    if (terms[of] !== 'declared') return `${said}, and what is ${state} does not`
    if (!capabilities.includes(capability)) return `${said}, and its review did not find \`${capability}\` in it`
  }
  return undefined
}

/**
 * What a running file of a skill would get from where it runs, as far as it could use it: by its reviewed capabilities where a host runs
 * it, and all of it in a place of the gateway's, which an operator wrote for it.
 */
function given(version: SkillVersion, place: Reach, isHost: boolean): Reach {
  const can = (capability: (typeof BOUNDS)[number]['capability']): boolean =>
    !isHost || version.capabilities.includes(capability)
  return { egress: place.egress && can('network'), secrets: place.secrets && can('reads-secrets') }
}

/**
 * The verdict on a call, from the skills behind it (HB-33, E-80). What a skill's own files do beyond its stage is refused. What an agent
 * does that has only loaded it may be the skill's doing or not, which nobody can tell: a person decides.
 * @param place what the call gives to what it runs
 */
export function judgeUse(
  use: Pick<SkillUse, 'tool' | 'described' | 'call'>,
  behind: readonly Behind[],
  objections: readonly Objection[],
  place: Reach,
): SkillVerdict {
  const [objection] = objections
  if (objection !== undefined) return { refusal: refuse(objection.code, objection.reason) }
  const does = reachOf(use)
  const reasons: (readonly [name: string, reason: string])[] = []
  for (const one of behind) {
    const { name } = one
    if (one.how === 'runs') {
      const over = beyond(one.version, both(does, given(one.version, place, use.call.enforcement === 'host')))
      if (over !== undefined) return { refusal: refuse('SP_SKILL_TERMS', `The skill ${name} is run where it ${over}.`) }
      if (one.version.requiresApproval) reasons.push([name, `The skill ${name} says \`requires_approval\`.`])
    } else {
      const why = whyLoadedWaits(one.version, does, use.described.effect)
      if (why !== undefined) reasons.push([name, `The agent has loaded the skill ${name}, which ${why}.`])
    }
  }
  if (reasons.length === 0) return {}
  const texts = new Set(reasons.map(([, reason]) => reason))
  const rules = [...new Set(reasons.map(([name]) => `skill:${name}`))]
  return { hold: { reason: [...texts].join(' '), severity: 'medium', rules } }
}

/** Why a call of an agent that has loaded a version waits; what only reads within its terms does not. */
function whyLoadedWaits(version: SkillVersion | undefined, does: Reach, effect: Effect): string | undefined {
  const over = version === undefined ? undefined : beyond(version, does)
  if (effect === 'read' && over === undefined) return undefined
  if (version === undefined) return 'is not known any more'
  if (!isAdmitted(version.state)) return `is ${version.state} now`
  if (over !== undefined) return `does not get this: the call ${over}`
  return version.requiresApproval ? 'says `requires_approval`' : undefined
}

const both = (one: Reach, other: Reach): Reach => ({
  egress: one.egress || other.egress,
  secrets: one.secrets || other.secrets,
})
