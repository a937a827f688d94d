import { FlowMemory, type ArgRole, type FlowAssessment, type Label, type RegisteredTool } from '@sallyport/core'

export const MAIL = { name: 'mail.read', integrity: 1, confidentiality: 1 } as const
export const WEB = { name: 'web.fetch', integrity: 1, confidentiality: 0 } as const
export const BOOK = { name: 'contacts.list', integrity: 2, confidentiality: 0 } as const
export const VAULT = { name: 'vault.read', integrity: 2, confidentiality: 2 } as const

export const tainted = (confidentiality: 0 | 1 | 2 | 3 = 1): Label => ({
  integrity: 1,
  confidentiality,
  sources: ['mail'],
})

/** A tool whose arguments are of one role. */
export function toolOf(
  name: string,
  effect: 'read' | 'write' | 'external',
  args: Record<string, ArgRole>,
): RegisteredTool {
  const [server = '', tool = ''] = name.split('.')
  return {
    id: name,
    server,
    name: tool,
    definition: { name: tool, inputSchema: { type: 'object' } },
    pin: 'pin',
    annotated: true,
    elevated: false,
    annotation: { effect, groups: [], args, irreversible: false, persist: false },
  }
}

export const SEND = toolOf('mail.send', 'external', { to: 'sink', body: 'content' })

export interface Given {
  readonly path: string
  readonly role: ArgRole
  readonly value: string | number | boolean
}

const nobody = (): boolean => false

export function assess(
  memory: FlowMemory,
  given: readonly Given[],
  label: Label = tainted(),
  tool: RegisteredTool = SEND,
  known: (value: string) => boolean = nobody,
): FlowAssessment {
  const leaves = given.map(({ path, role, value }) => ({ path, key: path, role, value }))
  return memory.assess(tool, leaves, tool.annotation.effect, label, known)
}

/** Origin of one sink in a session that has heard `words` and then read a mail that says nothing. */
export function sinkAfter(words: string, value: string): string {
  const memory = new FlowMemory()
  memory.hear(words, 'typed')
  memory.read('Weather: sunny.', MAIL)
  return assess(memory, [{ path: 'to', role: 'sink', value }]).leaves[0]?.origin ?? ''
}

export const sink = (value: string): Given => ({ path: 'to', role: 'sink', value })
export const selector = (value: string | number): Given => ({ path: 'id', role: 'selector', value })
export const content = (value: string, path = 'body'): Given => ({ path, role: 'content', value })
