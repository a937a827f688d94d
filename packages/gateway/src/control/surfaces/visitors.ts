import type { Label } from '@sallyport/core'
import type { Agents } from '../identity/agents.ts'

/** What an agent that strangers talk to has read from its first moment on: the words of strangers, which nobody vouches for. */
const VISITORS: Label = Object.freeze({ integrity: 1, confidentiality: 0, sources: Object.freeze(['visitors']) })

/** Gives every instance of a public agent that label: those there are, and each one that begins (HB-23). Durable when it resolves. */
export async function labelVisitors(
  agents: Pick<Agents, 'list' | 'get' | 'onChange'>,
  flow: { startsWith(instance: string, label: Label): Promise<void> },
): Promise<void> {
  const label = async (name: string): Promise<void> => {
    const agent = agents.get(name)
    if (agent?.state === 'active' && agent.surface === 'public') await flow.startsWith(agent.instance.id, VISITORS)
  }
  agents.onChange(label)
  await Promise.all(agents.list().map(({ name }) => label(name)))
}
