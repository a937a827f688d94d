import { isJsonObject } from '@sallyport/core'
import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'

/** The certificate on standard output, for a file; how to use it beside that. */
export const run: CommandRun = async (io, args) => {
  const agent = argument(args, 0, 'agent')
  const answer = await io.gateway.request('GET', `/api/v1/egress/authority/${encodeURIComponent(agent)}`)
  const certificate = isJsonObject(answer) ? answer['certificate'] : undefined
  if (io.json) io.out(JSON.stringify(answer))
  if (typeof certificate !== 'string') {
    io.err(`Nothing that ${agent} may reach is looked into, so there is nothing to trust.`)
    return 1
  }
  if (io.json) return 0
  io.out(certificate.trimEnd())
  io.err(
    'For programs of this agent alone: keep it in a file and name that in NODE_EXTRA_CA_CERTS (Node), SSL_CERT_FILE, CURL_CA_BUNDLE or\n' +
      'GIT_SSL_CAINFO, never in the store of the system. It signs only for hosts that are looked into, for 7 days, and ends with the gateway.',
  )
  return 0
}
