import type { Severity } from '../../policy/decision.ts'

export type CommandVerdict = 'clean' | 'ask' | 'block'

/** What a fact means where an agent works unattended in a project workspace and nothing was granted before. */
export interface EffectRule {
  readonly verdict: CommandVerdict
  readonly severity: Severity
  readonly title: string
}

const rule = (verdict: CommandVerdict, severity: Severity, title: string): EffectRule => ({ verdict, severity, title })

/**
 * Closed table: effect of a command → default verdict. The ids are what policies see in `context.facts.commandEffects`; they are
 * never renamed. The part before the point is the category.
 */
export const COMMAND_EFFECTS = {
  'delete.workspace-root': rule('ask', 'high', 'deletes the whole workspace or its history'),
  'delete.outside': rule('ask', 'high', 'deletes outside the workspace'),
  'delete.system': rule('block', 'critical', 'deletes the system or a home directory'),
  'delete.computed': rule('ask', 'high', 'deletes what cannot be known before it runs'),
  'disk.overwrite': rule('block', 'critical', 'overwrites or formats a device'),
  'data.destroy': rule('ask', 'high', 'destroys data in a database, cloud or cluster'),
  'history.destroy': rule('ask', 'medium', 'throws away version history or uncommitted work'),
  'write.outside': rule('ask', 'medium', 'writes outside the workspace'),
  'write.system': rule('ask', 'high', 'writes to a system directory'),
  'read.secret': rule('ask', 'high', 'reads credentials'),
  'read.environment': rule('ask', 'high', 'dumps the environment'),
  'read.metadata-service': rule('block', 'critical', 'asks a cloud metadata service'),
  'read.keychain': rule('ask', 'high', 'reads a keychain, vault or token store'),
  'read.memory': rule('ask', 'high', 'reads memory or traffic of other programs'),
  'network.upload': rule('ask', 'high', 'sends local data to another host'),
  'network.covert': rule('ask', 'high', 'carries data out in names or addresses'),
  'network.tunnel': rule('ask', 'high', 'opens a tunnel or a listener'),
  'network.scan': rule('ask', 'high', 'scans or attacks hosts'),
  'network.remote-shell': rule('ask', 'high', 'runs something on another host'),
  'network.reverse-shell': rule('block', 'critical', 'gives another host a shell'),
  'network.flood': rule('ask', 'high', 'loads another host'),
  'network.untrusted-tls': rule('ask', 'medium', 'turns certificate checks off for downloads that matter'),
  'exec.remote-code': rule('ask', 'critical', 'runs code that was just downloaded'),
  'exec.remote-package': rule('ask', 'high', 'installs code from an address instead of a registry'),
  'exec.encoded': rule('ask', 'critical', 'runs decoded or transformed text'),
  'exec.hidden': rule('ask', 'high', 'hides what it runs'),
  'exec.computed': rule('ask', 'medium', 'runs what cannot be known before it runs'),
  'exec.escape': rule('ask', 'high', 'starts a program through an option that is not for that'),
  'exec.code': rule('ask', 'high', 'runs code that starts programs, opens sockets or loads code'),
  'exec.untrusted-file': rule('ask', 'high', 'runs a program from a temporary or foreign directory'),
  'exec.preload': rule('ask', 'high', 'makes other programs load or run something'),
  'exec.shell': rule('ask', 'medium', 'opens an interactive shell'),
  'persist.startup': rule('ask', 'critical', 'starts something again later'),
  'persist.access': rule('ask', 'critical', 'grants lasting access'),
  'persist.shell-profile': rule('ask', 'high', 'changes what shells and tools run at start'),
  'persist.agent-config': rule('ask', 'high', 'changes the configuration of agents or editors'),
  'privilege.raise': rule('ask', 'high', 'raises privileges'),
  'privilege.setuid': rule('ask', 'critical', 'gives a program or user more rights'),
  'privilege.container-escape': rule('ask', 'critical', 'leaves the container or reaches the host'),
  'privilege.kernel': rule('ask', 'critical', 'changes the kernel'),
  'privilege.permissions': rule('ask', 'high', 'opens permissions widely or outside the workspace'),
  'evade.logs': rule('ask', 'high', 'hides traces'),
  'evade.protection': rule('ask', 'critical', 'turns protection off'),
  'evade.masquerade': rule('ask', 'high', 'disguises files or processes'),
  'abuse.fork-bomb': rule('block', 'critical', 'multiplies processes without end'),
  'abuse.resources': rule('ask', 'high', 'uses up disk, memory or processors'),
  'abuse.mining': rule('block', 'critical', 'mines'),
  'system.services': rule('ask', 'medium', 'stops or changes services or processes'),
  'system.packages': rule('ask', 'medium', 'changes packages or accounts of the host'),
  'publish.release': rule('ask', 'medium', 'publishes or deploys'),
  'opaque.syntax': rule('ask', 'medium', 'cannot be read with certainty'),
  'opaque.depth': rule('ask', 'medium', 'is too deep or too large to be read'),
  'opaque.characters': rule('ask', 'high', 'holds invisible or misleading characters'),
} as const satisfies Record<string, EffectRule>

export type Effect = keyof typeof COMMAND_EFFECTS

export const isEffect = (text: string): text is Effect => Object.hasOwn(COMMAND_EFFECTS, text)
