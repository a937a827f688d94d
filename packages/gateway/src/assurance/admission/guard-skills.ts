import { isJsonObject, toSallyportError } from '@sallyport/core'
import type { Boundary } from '../../boundary/ports.ts'

/** Hosts' tools that load a skill → the argument that names it. */
const LOADERS: ReadonlyMap<string, string> = new Map([['Skill', 'skill']])

/**
 * The boundary for hosts that load skills by a call (SYS-4): one that is not admitted, was blocked or is not what was reviewed is
 * refused with a record. Other calls, and skills that are left to policy, go on as they are.
 * @param mayLoad throws what speaks against loading the skill of that name
 */
export function guardSkills(boundary: Boundary, mayLoad: (name: string) => Promise<void>): Boundary {
  return Object.freeze<Boundary>({
    refused: (caller, what) => boundary.refused(caller, what),
    report: (...report) => boundary.report(...report),
    visible: (caller, server) => boundary.visible(caller, server),
    async cross(caller, call) {
      const argument = call.enforcement === 'host' ? LOADERS.get(call.tool) : undefined
      try {
        if (argument !== undefined) for (const name of namesIn(call.argsText, argument)) await mayLoad(name)
      } catch (thrown) {
        const { code, message: reason } = toSallyportError(thrown)
        const auditId = await boundary.refused(caller, { code, reason, ingress: caller.ingress })
        return { outcome: 'denied', auditId, code, reason }
      }
      return boundary.cross(caller, call)
    },
  })
}

/** `notes`, or `plugin:notes` for both. What cannot be read names nothing; the boundary refuses such a call itself. */
function namesIn(argsText: string, argument: string): readonly string[] {
  let args: unknown
  try {
    args = JSON.parse(argsText)
  } catch {
    return []
  }
  const value = isJsonObject(args as never) ? (args as Readonly<Record<string, unknown>>)[argument] : undefined
  return typeof value === 'string'
    ? value
        .replace(/^\//, '')
        .split(':')
        .filter((part) => part !== '')
    : []
}
