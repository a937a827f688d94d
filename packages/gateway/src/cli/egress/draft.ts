import type { JsonObject } from '@sallyport/core'
import { stringify } from 'yaml'
import { textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { itemsOf, recordOf } from '../log/record-row.ts'

/** Refusals that a rule would end. */
const WANTED = /^(?:not_allowlisted|approval_|request_)/

/** Drafts rules for what was refused or asked about, for people to read and to take over in part. */
export const run: CommandRun = async (io, _args, { limit = '1000', agent }) => {
  const query = new URLSearchParams({ kind: 'egress', newest: 'true', limit: String(limit) })
  const answer = await io.gateway.request('GET', `/api/v1/log?${query.toString()}`)
  const records = itemsOf(answer)
    .map((item) => recordOf(item))
    .filter((record) => WANTED.test(textOf(record, 'reason')) || /^(?:approval|grant) /.test(textOf(record, 'rule')))
    .filter((record) => agent === undefined || holderOf(record) === agent)
  const rules = draftRules(records)
  if (Object.keys(rules).length === 0) {
    io.err('Nothing was refused that a rule would allow.')
    return 1
  }
  io.out(io.json ? JSON.stringify({ version: 1, rules }) : stringify({ version: 1, rules }).trimEnd())
  return 0
}

interface Draft {
  readonly agents: readonly string[]
  readonly hosts: readonly string[]
  allow?: { readonly methods: readonly string[]; readonly paths: readonly string[] }[]
}

/** One rule for each agent and host; requests that were looked into as they were asked. */
function draftRules(records: readonly JsonObject[]): Record<string, Draft> {
  const rules: Record<string, Draft> = {}
  for (const record of records) {
    const place = placeOf(textOf(record, 'target'))
    const holder = holderOf(record)
    if (place === undefined || holder === '') continue
    const name = `${holder}-${place.host}`
      .toLowerCase()
      .replace(/[^a-z0-9._-]/g, '-')
      .slice(0, 64)
    const rule = (rules[name] ??= { agents: [holder], hosts: [place.host] })
    const method = textOf(record, 'method')
    if (method === '' || place.path === '') continue
    rule.allow ??= []
    if (!rule.allow.some(({ methods, paths }) => methods[0] === method && paths[0] === place.path))
      rule.allow.push({ methods: [method], paths: [place.path] })
  }
  return rules
}

const holderOf = (record: JsonObject): string => {
  const agent = textOf(record, 'agentId')
  return agent === '' ? `server:${textOf(record, 'sandbox')}` : agent
}

/** Of `host:port` or a URL. */
function placeOf(target: string): { readonly host: string; readonly path: string } | undefined {
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/?#\s]+)([^?#\s]*)/.exec(target) ?? []
  return host === '' ? undefined : { host: host.replace(/:443$/, ''), path }
}
