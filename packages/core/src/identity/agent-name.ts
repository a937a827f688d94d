import { SallyportError } from '../errors/error.ts'

/** So that `sdk-<name>` is a server alias; no case, no dots, no control characters, no `operator:` (T-171). */
const NAME = /^(?=.{1,28}$)[a-z0-9](?:-?[a-z0-9])*$/
/** Words that would read as somebody else in a log or in a policy. */
const RESERVED: ReadonlySet<string> = new Set([
  'all',
  'operator',
  'admin',
  'system',
  'gateway',
  'sallyport',
  'root',
  'unknown',
])

/**
 * The name, when an agent may carry it.
 * @throws SallyportError SP_AGENT_NAME
 */
export function agentName(name: string): string {
  if (!NAME.test(name)) throw new SallyportError('SP_AGENT_NAME')
  if (RESERVED.has(name)) throw new SallyportError('SP_AGENT_NAME', `${name} is reserved.`)
  return name
}
