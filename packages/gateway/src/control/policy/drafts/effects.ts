import { contextOf, type Outcome, type PolicyBundle, type PolicyRequest, type RegisteredTool } from '@sallyport/core'
import { decide } from '../decide.ts'

/** What a plain call of one tool comes to before and after a change. */
export interface ToolEffect {
  readonly tool: string
  /** In a session that has read nothing untrusted, or one that has. */
  readonly session: 'clean' | 'tainted'
  readonly before: Outcome
  readonly after: Outcome
}

const OPEN: Readonly<Record<Outcome, number>> = { deny: 0, ask: 1, allow: 2 }

/** Tools whose plain calls (no arguments, in both kinds of session) would be answered in another way; what opens comes first. */
export function toolEffects(
  before: PolicyBundle,
  after: PolicyBundle,
  tools: readonly RegisteredTool[],
): readonly ToolEffect[] {
  const effects = tools.flatMap((tool) =>
    (['clean', 'tainted'] as const).flatMap((session): ToolEffect[] => {
      const request = plainCall(tool, session)
      const [old, now] = [decide(before, request).outcome, decide(after, request).outcome]
      return old === now ? [] : [{ tool: tool.id, session, before: old, after: now }]
    }),
  )
  const opened = ({ before: old, after: now }: ToolEffect): number => OPEN[now] - OPEN[old]
  return effects.sort((a, b) => opened(b) - opened(a) || (a.tool < b.tool ? -1 : 1))
}

function plainCall(
  { id, server, name, annotation, annotated, elevated }: RegisteredTool,
  session: string,
): PolicyRequest {
  const { effect, groups, irreversible, persist, sensitive = false } = annotation
  const tainted = session === 'tainted'
  const origins = tainted ? (['untrusted'] as const) : []
  return {
    principal: { type: 'Agent', id: 'agent' },
    action: id,
    resource: { type: 'Server', id: server },
    context: contextOf({
      tool: { name, effect, groups, irreversible, persist, sensitive, annotated, elevated },
      labels: { integrity: tainted ? 1 : 3, tainted },
      flow: {
        reaches: effect === 'external',
        seenUntrusted: tainted,
        ...(tainted ? { anchored: false, untrustedContent: true } : {}),
        sinks: effect === 'external' ? origins : [],
        selectors: effect === 'write' ? origins : [],
      },
    }),
  }
}
