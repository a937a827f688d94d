import { counted, fine, found, foundOr, NONE, type HealthCheck } from '../check.ts'

const listed = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`

export interface ActingAgent {
  readonly name: string
  /** It runs under `sallyport run` now. */
  readonly confined: boolean
}

/** Deployment level of the agents that act (threat-model §2): below L1 all of this advises and cannot enforce. */
export const levelCheck = (acting: () => readonly ActingAgent[]): HealthCheck => ({
  ...{ id: 'level', area: 'isolation', title: 'What agents can reach beside the gateway' },
  run: () => {
    const agents = acting()
    const free = agents.filter(({ confined }) => !confined).map(({ name }) => name)
    if (agents.length === 0) return NONE
    return foundOr(
      free.length === 0
        ? []
        : [
            {
              id: 'isolation.advisory',
              severity: 'high',
              title: `${counted(free.length, 'agent')} may share your account`,
              why: `${listed(free)}: an agent under the account of the gateway can answer for you, change policy or go round. The gateway advises and cannot enforce (level L0).`,
              next: 'sallyport run -- COMMAND, or run the gateway under an account of its own',
              page: '/agents',
            },
          ],
      'Agents run confined',
      `${agents.length} of ${agents.length}`,
    )
  },
})

/** Servers that run with the rights of this account (SEC-6). */
export const serversCheck = (
  servers: () => readonly { readonly alias: string; readonly sandbox: string }[],
): HealthCheck => ({
  ...{ id: 'servers', area: 'isolation', title: 'What servers can reach' },
  run: () => {
    const all = servers()
    if (all.length === 0) return NONE
    const bare = all.filter(({ sandbox }) => sandbox === 'unsandboxed').map(({ alias }) => alias)
    const confined = all.filter(({ sandbox }) => sandbox === 'sandboxed').length
    return foundOr(
      bare.length === 0
        ? []
        : [
            {
              id: 'isolation.servers',
              severity: 'medium',
              title: `${counted(bare.length, 'server')} ${bare.length === 1 ? 'runs' : 'run'} unconfined`,
              why: `${listed(bare)} can read and change whatever this account can.`,
              next: 'Set sandbox.wrapped, or servers.NAME.sandbox, in the configuration',
              page: '/tools',
            },
          ],
      'Servers run confined',
      `${confined} of ${all.length}${confined === all.length ? '' : ', the rest elsewhere'}`,
    )
  },
})

/** Addresses that hand out credentials of a machine, in forms that parsers disagree about (T-116). */
export const METADATA = [
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://[::ffff:169.254.169.254]/',
]

/** Asks the gateway's own way out for metadata services; every form has to be refused before anything is connected. */
export const metadataCheck = (reach: (url: string) => Promise<'refused' | 'unreachable' | 'reached'>): HealthCheck => ({
  ...{ id: 'metadata', area: 'network', title: 'Cloud metadata' },
  run: async () => {
    const tried = await Promise.all(METADATA.map(async (url) => ({ url, came: await reach(url) })))
    const open = tried.filter(({ came }) => came !== 'refused').map(({ url }) => new URL(url).host)
    if (open.length === 0) return fine('Cloud metadata is unreachable', `${METADATA.length} forms`)
    return found({
      id: 'network.metadata',
      severity: 'critical',
      title: 'Cloud metadata can be reached',
      why: `${listed(open)} was not refused. Whoever reaches it gets the credentials of this machine.`,
      next: 'Remove it from egress.exceptions',
      page: '/egress',
    })
  },
})
