import type { Json, JsonObject } from '@sallyport/core'
import type { Route } from './route.ts'
import { DAY, survey, tally, text, type SurveyedLog } from './survey.ts'

/** What is said of a credential of the configuration; never a value. */
interface BoundView {
  readonly name: string
  readonly secret: string
  readonly category: string
  readonly agents: readonly string[]
  readonly hosts: readonly string[]
  /** Where in a request the value goes, e.g. `bearer`. */
  readonly form: string
  readonly permissions: readonly string[]
}

export interface VaultUsageDeps {
  readonly log: SurveyedLog
  /** ms since 1970. */
  readonly now: () => number
  readonly credentials: () => readonly BoundView[]
}

const CHANGES: ReadonlySet<string> = new Set(['create', 'rotate', 'revoke', 'restore', 'expire'])

/** `/api/v1/vault-usage`: who used which credential for what, and what became of its value, out of the log. */
export function vaultUsageRoutes({ log, now, credentials }: VaultUsageDeps): Route[] {
  const base = { method: 'GET', plane: 'operator', scope: 'read' } as const
  const month = () => survey(log, { kind: 'credential', from: now() - 30 * DAY })
  return [
    {
      ...base,
      path: '/api/v1/vault-usage',
      summary: 'Uses of credentials in 30 days by agent and host, the refused ones apart; credentials as configured.',
      handle: async () => {
        const { records, isComplete } = await month()
        const tried = records.filter((record) => /^(?:use|scope_violation)$/.test(text(record, 'operation')))
        const key = (record: JsonObject): string =>
          JSON.stringify([text(record, 'credential'), text(record, 'requestingIdentity'), hostOf(record)])
        const uses = tally(tried, key).map(({ key: of, count, first, last }) => {
          const [credential, agent, host] = JSON.parse(of) as [string, string, string]
          const refused = tried.filter((record) => key(record) === of && record['success'] !== true).length
          return { credential, agent, host, count, refused, first, last }
        })
        return { status: 200, body: { uses, credentials: credentials(), isComplete } as unknown as Json }
      },
    },
    {
      ...base,
      path: '/api/v1/vault-usage/:name',
      summary: 'What became of one value: set, rotated, revoked, ended, newest first; and its last uses.',
      handle: async ({ params }) => {
        const name = params['name'] ?? ''
        const { records, isComplete } = await month()
        const names = new Set([name, ...credentials().flatMap((one) => (one.secret === name ? [one.name] : []))])
        const own = records.filter((record) => names.has(text(record, 'credential'))).reverse()
        const told = (record: JsonObject): JsonObject => ({
          at: text(record, 'timestamp'),
          operation: text(record, 'operation'),
          success: record['success'] === true,
          by: text(record, 'requestingIdentity'),
          version: text(record, 'version'),
          host: hostOf(record),
          reason: text(record, 'reason'),
          error: text(record, 'error'),
          auditId: text(record, 'auditId'),
        })
        const isChange = (record: JsonObject): boolean => CHANGES.has(text(record, 'operation'))
        const body = {
          changes: own.filter(isChange).map(told),
          uses: own
            .filter((record) => !isChange(record) && record['operation'] !== 'intent')
            .slice(0, 100)
            .map(told),
          credentials: credentials().filter(({ secret }) => secret === name),
          isComplete,
        }
        return { status: 200, body: body as unknown as Json }
      },
    },
  ]
}

const hostOf = (record: JsonObject): string => text(record, 'host') || text(record, 'target')
