import { EGRESS_URL } from '../egress/listener.ts'
import { NODE_PROXY_AT, NODE_PROXY_OPTION } from '../egress/node-proxy.ts'
import { OWN_LOOPBACK, withLoopbackOutside } from '../egress/trust.ts'
import type { SandboxOrder } from './sandbox.ts'
import type { View } from './view.ts'

/** Identity inside, whatever it is outside. */
export const INNER_ID = 1_000
export const HOME = '/home/sandbox'
export const HOSTNAME = 'sandbox'
/** Bytes of the private places whose size no profile names. */
export const SHM_SIZE = 16 * 2 ** 20
export const RUN_SIZE = 2 ** 20

/** What the files of the account database say inside. */
export const accountsOf = (id = INNER_ID): Readonly<Record<'passwd' | 'group' | 'hosts', string>> => ({
  passwd: `sandbox:x:${id}:${id}::${HOME}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n`,
  group: `sandbox:x:${id}:\nnogroup:x:65534:\n`,
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
})

/** Of `/proc`: nothing a command needs, and each tells something of the host or steers it. */
export const MASKED_FILES: readonly string[] = [
  'kallsyms',
  'keys',
  'key-users',
  'cmdline',
  'config.gz',
  'kmsg',
  'kcore',
  'sysrq-trigger',
  'timer_list',
]
export const MASKED_DIRECTORIES: readonly string[] = ['acpi', 'fs', 'driver', 'pressure', 'scsi']

/** Says to programs where the way out is; what does not read it reaches nothing. */
const THROUGH_PROXY: Readonly<Record<string, string>> = {
  ...{ HTTPS_PROXY: EGRESS_URL, https_proxy: EGRESS_URL, HTTP_PROXY: EGRESS_URL, http_proxy: EGRESS_URL },
  ...OWN_LOOPBACK,
  // for a Node whose options a program has replaced; earlier ones complain of it at each start
  ...(Number(process.versions.node.split('.')[0]) >= 24 ? { NODE_USE_ENV_PROXY: '1' } : {}),
}

/** The whole environment of the command. */
export const environmentOf = ({ profile, env }: SandboxOrder, view: View): Readonly<Record<string, string>> => ({
  ...{ PATH: view.programs.join(':'), HOME, LANG: 'C.UTF-8' },
  ...(profile.network === 'allowlist' ? { ...THROUGH_PROXY, ...withLoopbackOutside(profile.allowedHosts) } : {}),
  ...(view.shown.some(({ path }) => path === NODE_PROXY_AT) ? { NODE_OPTIONS: NODE_PROXY_OPTION } : {}),
  ...env,
})
