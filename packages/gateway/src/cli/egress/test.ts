import { isJsonObject, parseHostRule, readUrl, SallyportError, withHosts } from '@sallyport/core'
import { loadSandboxProfile } from '../../config/sandbox-profile.ts'
import { clear, systemResolve } from '../../execution/egress/dial.ts'
import { argument } from '../agents/answers.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatFields } from '../output.ts'
import { listed } from '../sandbox/variables.ts'

/** The very decision of the way out; nothing is connected to. Exit 1 when it is refused. */
export const run: CommandRun = async (io, args, options) => {
  const text = argument(args, 0, 'url')
  if (typeof options['agent'] === 'string') return byRules(io, text, options['agent'], options['method'])
  const read = readUrl(text)
  const profile = withHosts(loadSandboxProfile(String(options['profile'] ?? 'agent'), io.cwd), listed(options['allow']))
  if (profile.network !== 'allowlist')
    throw new SallyportError(
      'SP_CLI_USAGE',
      `The profile ${profile.name} has no way out (network: ${profile.network}).`,
    )
  const [allowed, blocked] = [profile.allowedHosts.map(parseHostRule), profile.blockedHosts.map(parseHostRule)]
  const found =
    read.kind === 'url'
      ? await clear({ host: read.url.host, port: read.url.port }, { allowed, blocked }, systemResolve)
      : ({ kind: 'barred', reason: 'malformed' } as const)
  const verdict = found.kind === 'cleared' ? 'allowed' : 'refused'
  const said = {
    ...{ url: text, verdict, profile: profile.name },
    ...(found.kind === 'barred' ? { reason: found.reason } : { addresses: found.addresses }),
    ...(found.rule === undefined ? {} : { rule: found.rule }),
  }
  if (io.json) io.out(JSON.stringify(said))
  else io.out(formatFields(Object.entries(said).map(([name, value]) => [name, String(value)] as const)))
  return verdict === 'allowed' ? 0 : 1
}

async function byRules(io: CliIo, url: string, holder: string, method: CliOptions[string]): Promise<number> {
  const asked = { url, holder, ...(typeof method === 'string' ? { method: method.toUpperCase() } : {}) }
  const answer = await io.gateway.request('POST', '/api/v1/egress/test', asked)
  const said = isJsonObject(answer) ? answer : {}
  if (io.json) io.out(JSON.stringify(said))
  else io.out(formatFields(Object.entries(said).map(([name, value]) => [name, show(value)] as const)))
  return said['verdict'] === 'allowed' ? 0 : 1
}

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
