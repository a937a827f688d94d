import { SallyportError } from '@sallyport/core'
import type { LocalTools } from '../upstream/local-transport.ts'
import type { RequestServerSpec } from '../upstream/spec.ts'
import { callApi } from './call-api.ts'
import { requestDefinitions } from './definitions.ts'
import { fetchPage } from './fetch-page.ts'
import { notify } from './notify.ts'
import { hostsOf, webTool, type WebDeps, type WebTool } from './web-deps.ts'

/** The requests of a configuration as tools: what policy released is asked for by this process, over the guarded way out (HB-72). */
export function requestTools({ alias, requests }: RequestServerSpec, deps: WebDeps): LocalTools {
  const { web_fetch, http, webhook } = requests
  const holder = `server:${alias}`
  let lender: ReturnType<WebDeps['lenderOf']> | undefined
  const open = async (name: string, hosts: readonly string[]): Promise<WebTool> => {
    lender ??= deps.lenderOf(holder, holder)
    // the next call tries again
    lender.catch(() => (lender = undefined))
    return webTool(`${alias}.${name}`, hosts, deps, await lender)
  }
  return {
    name: alias,
    confinement: 'gateway',
    definitions: requestDefinitions(requests),
    async call(name, args, { signal }) {
      if (name === 'web_fetch' && web_fetch !== undefined)
        return fetchPage(args, web_fetch, await open(name, web_fetch.hosts), signal)
      if (name === 'http' && http !== undefined) return callApi(args, http, await open(name, http.hosts), signal)
      if (name === 'webhook' && webhook !== undefined)
        return notify(args, webhook, await open(name, hostsOf(webhook.targets)), signal)
      throw new SallyportError('SP_MCP_UNKNOWN_TOOL', 'There is no such tool.')
    },
  }
}
