import { counted, foundOr, NONE, type Found, type HealthCheck } from '../check.ts'

/** Tools whose definitions nobody has accepted, or that changed since (T-080). */
export const toolsCheck = (states: () => readonly { readonly id: string; readonly state: string }[]): HealthCheck => ({
  ...{ id: 'tools', area: 'tools', title: 'Definitions of tools' },
  run: () => {
    const tools = states()
    if (tools.length === 0) return NONE
    const of = (state: string): readonly string[] => tools.filter((tool) => tool.state === state).map(({ id }) => id)
    const [drifted, waiting] = [of('drifted'), of('unreviewed')]
    const findings: Found[] = []
    if (drifted.length > 0)
      findings.push({
        id: 'tools.drifted',
        severity: 'low',
        title: `${counted(drifted.length, 'tool')} changed after you pinned ${drifted.length === 1 ? 'it' : 'them'}`,
        why: `Calls of ${drifted.slice(0, 3).join(', ')} are denied until a person accepts the change or the server goes back.`,
        next: 'sallyport mcp diff',
        page: '/tools',
      })
    if (waiting.length > 0)
      findings.push({
        id: 'tools.unreviewed',
        severity: 'info',
        title: `${counted(waiting.length, 'tool')} ${waiting.length === 1 ? 'waits' : 'wait'} for a review`,
        why: 'Calls of them are denied until then.',
        next: 'sallyport mcp ls',
        page: '/tools',
      })
    return foundOr(findings, 'Tools are what was pinned', counted(tools.length, 'tool'))
  },
})

/** What was raised and nobody has closed. */
export const alertsCheck = (open: () => Promise<readonly string[]>): HealthCheck => ({
  ...{ id: 'alerts', area: 'alerts', title: 'Open alerts' },
  run: async () => {
    const severities = await open()
    const count = (severity: string): number => severities.filter((one) => one === severity).length
    const [critical, high] = [count('critical'), count('high')]
    const findings: Found[] = []
    const about = { why: 'Nobody has closed them, so nobody may know.', next: 'sallyport alerts ls', page: '/alerts' }
    if (critical > 0)
      findings.push({
        ...{ id: 'alerts.critical', severity: 'medium', ...about },
        title: `${counted(critical, 'critical alert')} ${critical === 1 ? 'is' : 'are'} open`,
      })
    if (high > 0)
      findings.push({
        ...{ id: 'alerts.high', severity: 'low', ...about },
        title: `${counted(high, 'high alert')} ${high === 1 ? 'is' : 'are'} open`,
      })
    return foundOr(findings, 'No grave alert is open', `${severities.length} open`)
  },
})

export interface WaitingSink {
  readonly name: string
  readonly waiting: number
  /** Since when something is there that was tried in vain, ms since 1970; 0: nothing is. */
  readonly since: number
  readonly error: string
}

/** A single try in vain is no finding, ms. */
const IN_VAIN = 60_000

/** Whether those whom alerts are told hear of them. */
export const sinksCheck = (sinks: () => Promise<readonly WaitingSink[]>, now: () => number): HealthCheck => ({
  ...{ id: 'sinks', area: 'alerts', title: 'Where alerts are told' },
  run: async () => {
    const all = await sinks()
    if (all.length === 0) return NONE
    const stuck = all.filter(({ since }) => since > 0 && now() - since > IN_VAIN)
    return foundOr(
      stuck.map(({ name, waiting, since, error }): Found => ({
        ...{ id: `alerts.sink.${name}`, severity: 'medium', next: 'sallyport alerts ls --sinks', page: '/alerts' },
        title: `The sink ${name} does not take alerts`,
        why: `${counted(waiting, 'message')} wait since ${new Date(since).toISOString()}: ${error}.`,
      })),
      'Sinks take what they are told',
      counted(all.length, 'sink'),
    )
  },
})

export interface SecretFacts {
  readonly name: string
  readonly state: string
  /** ms since 1970, 0: never. */
  readonly expiresAt: number
}

const SOON = 7 * 86_400_000

/** What lies in the vault and for how long (SEC-4.1). */
export const secretsCheck = (facts: () => Promise<readonly SecretFacts[]>, now: () => number): HealthCheck => ({
  ...{ id: 'secrets', area: 'secrets', title: 'Secrets in the vault' },
  run: async () => {
    const active = (await facts()).filter(({ state }) => state === 'active')
    if (active.length === 0) return NONE
    const ended = active.filter(({ expiresAt }) => expiresAt > 0 && expiresAt <= now())
    const soon = active.filter(({ expiresAt }) => expiresAt > now() && expiresAt <= now() + SOON)
    const endless = active.filter(({ expiresAt }) => expiresAt === 0)
    const finding = (id: string, severity: Found['severity'], title: string, why: string): Found => ({
      ...{ id, severity, title, why, next: 'sallyport vault rotate NAME', page: '/credentials' },
    })
    const names = (of: readonly SecretFacts[]): string =>
      of
        .map(({ name }) => name)
        .slice(0, 3)
        .join(', ')
    const found: Found[] = []
    if (ended.length > 0)
      found.push(
        finding(
          'secrets.ended',
          'low',
          `${counted(ended.length, 'secret')} ended`,
          `${names(ended)}: what uses it fails.`,
        ),
      )
    if (soon.length > 0)
      found.push(
        finding('secrets.soon', 'info', `${counted(soon.length, 'secret')} end within a week`, `${names(soon)}.`),
      )
    if (endless.length > 0)
      found.push(
        finding(
          'secrets.endless',
          'low',
          `${counted(endless.length, 'secret')} without an end`,
          `${names(endless)}: once stolen, it works for ever.`,
        ),
      )
    return foundOr(found, 'Secrets are sealed and end by themselves', counted(active.length, 'secret'))
  },
})
