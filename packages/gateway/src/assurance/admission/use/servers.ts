import type { ServerSpec } from '../../../execution/upstream/spec.ts'
import type { Reach } from './judge-use.ts'
import type { Naming } from './words.ts'

/** Texts by which a server names what it is started from. */
export function namingsOf(spec: ServerSpec): readonly Naming[] {
  switch (spec.transport) {
    case 'stdio':
      return spec.command.map((text) => ({ text, cwd: spec.cwd }))
    case 'commands':
      return Object.values(spec.commands).flatMap(({ template }) =>
        template === undefined ? [] : [{ text: template, cwd: spec.cwd }],
      )
    default:
      return []
  }
}

/** What a server gets from the gateway: a way out, and variables, which hold what is not said anywhere else. */
export function reachOfServer(spec: ServerSpec | undefined): Reach {
  if (spec?.transport !== 'stdio' && spec?.transport !== 'commands') return { egress: true, secrets: true }
  return {
    egress: spec.sandbox === undefined || spec.sandbox.network === 'allowlist',
    secrets: spec.sandbox === undefined || Object.keys(spec.env).length > 0,
  }
}
