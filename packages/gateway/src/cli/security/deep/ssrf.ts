import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseHostRule, SallyportError, type InnerException } from '@sallyport/core'
import type { Tried } from '../../../assurance/posture/facts.ts'
import { clear, type Resolve } from '../../../execution/egress/dial.ts'
import { createOutgoing } from '../../../execution/egress/outgoing.ts'
import { METADATA } from '../../../metrics/health/checks/isolation.ts'

/** Addresses inside that a name may be made to lead to. */
const INSIDE = [
  ...['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.0.1'],
  ...['100.64.0.1', '169.254.1.1', '169.254.169.254', '::ffff:169.254.169.254', 'fd00::1', 'fd00:ec2::254', 'fe80::1'],
  ...['64:ff9b::7f00:1', '2002:7f00:1::', '224.0.0.1', '255.255.255.255'],
] as const
const NAME = 'audit.sallyport.example'
const LIMIT = 2_000

export interface WaysOut {
  readonly exceptions: readonly InnerException[]
  readonly authorities: readonly string[]
}

/**
 * The gateway's ways out, made from the same configuration, asked for names that lead inside and for metadata services (HB-128). A
 * listener on this machine notices what gets through.
 */
export async function trySsrf({ exceptions, authorities }: WaysOut): Promise<readonly Tried[]> {
  let hits = 0
  const server = createServer((_request, response) => {
    hits += 1
    response.end('reached')
  })
  const port = await listen(server)
  try {
    const tried: Tried[] = []
    for (const address of INSIDE) {
      const resolve: Resolve = async () => [address]
      const what = `a name that leads to ${address}`
      const outgoing = createOutgoing({ exceptions, authorities, resolve })
      tried.push(await exchange(what, outgoing, `http://${NAME}:${port}/`))
      tried.push(await forAgents(`${what}, for an agent`, port, exceptions, resolve))
    }
    const outgoing = createOutgoing({ exceptions, authorities })
    for (const url of METADATA) tried.push(await exchange(url, outgoing, url))
    return hits === 0
      ? tried
      : [...tried, { what: `127.0.0.1:${port}`, ok: false, said: `its listener was reached ${hits} times` }]
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function exchange(what: string, outgoing: ReturnType<typeof createOutgoing>, url: string): Promise<Tried> {
  try {
    const answer = await outgoing.exchange(url, { method: 'GET', headers: {}, signal: AbortSignal.timeout(LIMIT) })
    await answer.discard()
    return { what, ok: false, said: `it answered ${answer.status}` }
  } catch (thrown) {
    const isRefused = thrown instanceof SallyportError && thrown.code === 'SP_EGRESS_REFUSED'
    return { what, ok: isRefused, said: isRefused ? 'refused' : 'it was tried, and nothing answered' }
  }
}

/** The decision for a confined agent whose list allows the name: it still may not lead inside. */
async function forAgents(
  what: string,
  port: number,
  exceptions: readonly InnerException[],
  resolve: Resolve,
): Promise<Tried> {
  const rules = { allowed: [parseHostRule(`${NAME}:*`)], blocked: [], exceptions }
  const { kind } = await clear({ host: NAME, port }, rules, resolve)
  return { what, ok: kind === 'barred', said: kind === 'barred' ? 'refused' : 'it would be connected' }
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
