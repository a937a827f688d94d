import { when } from '../../ui/when.ts'

/** One line of `GET /api/v1/budgets`: what somebody spent of a budget in the cycle that is now. Times in ms since 1970. */
export interface Budget {
  readonly name: string
  /** An agent, one instance of it, or patterns of the agents whose budget it is. */
  readonly who: string
  /** `all` where they share it, and where nobody has used it. */
  readonly agent: string
  readonly cycle: string
  readonly spent: number
  /** Set aside for what is under way. */
  readonly reserved: number
  readonly limit: number
  /** null: not by time. */
  readonly resetsAt: number | null
}

/** Of the limit, what is spent or set aside. */
export const spentPart = ({ spent, reserved, limit }: Budget): number => (spent + reserved) / limit

/** Amber from four fifths of the limit, crimson where nothing is left. */
export function tone(budget: Budget): 'plain' | 'warn' | 'bad' {
  const part = spentPart(budget)
  return part >= 1 ? 'bad' : part >= 0.8 ? 'warn' : 'plain'
}

/** `1,204 left`; over it, in words. */
export function leftWords({ spent, reserved, limit }: Budget): string {
  const left = limit - spent - reserved
  if (left > 0) return `${left.toLocaleString('en-GB')} left`
  const said = left === 0 ? 'used up' : `${(-left).toLocaleString('en-GB')} over`
  return `${said}: further calls are denied`
}

export const resetWords = ({ resetsAt, cycle }: Budget): string =>
  resetsAt === null
    ? cycle === 'session'
      ? 'Each new instance of the agent has it anew.'
      : 'It is not given again by time.'
    : `Full again ${when(resetsAt)} UTC.`

export function whose({ who, agent }: Budget): string {
  if (agent !== 'all') return who === agent ? agent : `${agent}, instance ${who.slice(0, 13)}`
  return who === '*' ? 'all agents' : who.split(' ').join(', ')
}

/** Whether calls of an agent count in it. `*` in a pattern stands for any characters. */
export function isOf({ who, agent }: Budget, name: string): boolean {
  if (agent !== 'all') return agent === name
  const fits = (pattern: string): boolean =>
    new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name)
  return who.split(' ').some(fits)
}
