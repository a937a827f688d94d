import { findSecrets, isJsonObject } from '@sallyport/core'
import { serverAlias } from '../../hosts/server-alias.ts'
import { valueAt, valuesAt } from '../../hosts/settings-text.ts'
import type { Outcome } from './conversion.ts'

export interface DraftServer {
  readonly command?: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** MCP servers under `servers`. Values that are secrets, or references to variables, are named and left out. */
export function serversOf(config: unknown): {
  readonly servers: Readonly<Record<string, DraftServer>>
  readonly outcomes: readonly Outcome[]
  readonly taken: ReadonlySet<string>
} {
  const servers: Record<string, DraftServer> = {}
  const outcomes: Outcome[] = []
  const taken = new Set<string>()
  for (const { path, value } of valuesAt(config, ['mcp', 'servers', '*'])) {
    const setting = path.join('.')
    taken.add(setting)
    const [command, args, url] = ['command', 'args', 'url'].map((key) => valueAt(value, [key]))
    const words =
      typeof command === 'string'
        ? [
            command,
            ...(Array.isArray(args)
              ? args.map((word) => (typeof word === 'string' ? word : JSON.stringify(word)))
              : []),
          ]
        : []
    const [env, leftEnv] = plain(valueAt(value, ['env']))
    const [headers, leftHeaders] = plain(valueAt(value, ['headers']))
    const alias = freeAlias(serverAlias(String(path.at(-1))), servers)
    if (words.length > 0 && !words.some(odd)) {
      const cwd = valueAt(value, ['cwd'])
      servers[alias] = {
        command: words,
        ...(typeof cwd === 'string' && cwd.startsWith('/') ? { cwd } : {}),
        ...(env === undefined ? {} : { env }),
      }
    } else if (typeof url === 'string' && /^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '') && !odd(url))
      servers[alias] = { url, ...(headers === undefined ? {} : { headers }) }
    else {
      outcomes.push({
        setting,
        kind: 'no-equivalent',
        note: 'It has neither a command nor an address that could be taken over.',
      })
      continue
    }
    outcomes.push({
      setting,
      kind: 'carried',
      note: `As servers.${alias}; its tools are pinned at first use, and its results are untrusted.`,
    })
    for (const name of [...leftEnv, ...leftHeaders])
      outcomes.push({
        setting: `${setting}.${name}`,
        kind: 'weakens',
        note: `Left out, as it may be a secret: \`sallyport vault set\`, then \`\${lease:NAME}\` or \`\${env:${name.replace(/\W/g, '_')}}\` in its place.`,
      })
  }
  return { servers, outcomes, taken }
}

const odd = (text: string): boolean => text === '' || text.includes('${') || findSecrets(text, 'result').length > 0

function plain(value: unknown): readonly [kept: Readonly<Record<string, string>> | undefined, left: readonly string[]] {
  if (!isJsonObject(value)) return [undefined, []]
  const kept: Record<string, string> = {}
  const left: string[] = []
  for (const [name, given] of Object.entries(value)) {
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    const secret =
      /key|token|secret|passw|auth|cookie|credential/i.test(name) || findSecrets(`${name}=${text}`, 'result').length > 0
    if (secret || odd(text) || name === '__proto__') left.push(name)
    else kept[name] = text
  }
  return [Object.keys(kept).length === 0 ? undefined : kept, left]
}

function freeAlias(base: string, taken: object): string {
  for (let n = 1; ; n++) {
    const alias = n === 1 ? base : serverAlias(`${base.slice(0, 28)}-${n}`)
    if (!Object.hasOwn(taken, alias)) return alias
  }
}
