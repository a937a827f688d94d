import { ApprovalTimeoutError, DeniedError, type Sallyport } from '@sallyport/sdk'
import { askModel, type Tool, type Turn, type Wanted } from './model.ts'
import type { Settings } from './settings.ts'

/** Characters of one result that the model is shown. */
const MAX_RESULT = 16_384
/** ms that a visitor waits for a human of the house. */
const APPROVAL_WAIT = 1_000

const spoken = (id: string): string => id.replace('.', '__')

/**
 * One answer: the model is asked, what it wants done is asked of the gateway, until it only speaks or has had its rounds. A call that
 * the table of this surface does not have is not even sent.
 * @throws ModelError; DeniedError where the gateway cannot be reached
 */
export async function answer(
  { model, prompt, tools: table, limits }: Settings,
  gateway: Pick<Sallyport, 'call' | 'tools'>,
  before: readonly Turn[],
  message: string,
  signal: AbortSignal,
): Promise<string> {
  const offered = (await gateway.tools()).filter(({ id }) => table.includes(id))
  const ids = new Map(offered.map(({ id }) => [spoken(id), id]))
  const tools: readonly Tool[] = offered.map(({ id, description = '', inputSchema }) => ({
    ...{ name: spoken(id), description, inputSchema },
  }))
  const turns: Turn[] = [...before, { role: 'user', text: message }]
  for (let round = 0; round <= limits.rounds; round++) {
    // in the last round there is nothing left to ask for
    const said = await askModel(model, prompt, turns, round < limits.rounds ? tools : [], signal)
    if (said.wanted.length === 0 || round === limits.rounds) return said.text
    const results = []
    for (const wanted of said.wanted.slice(0, limits.rounds))
      results.push({ id: wanted.id, text: await run(gateway, ids, wanted, signal) })
    turns.push(
      { role: 'assistant', ...said, wanted: said.wanted.slice(0, limits.rounds) },
      { role: 'results', results },
    )
  }
  return ''
}

/** What a call came to, for the model. */
async function run(
  gateway: Pick<Sallyport, 'call'>,
  ids: ReadonlyMap<string, string>,
  { name, args }: Wanted,
  signal: AbortSignal,
): Promise<string> {
  const id = ids.get(name)
  if (id === undefined) return 'There is no such tool.'
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return 'The arguments are not an object.'
  try {
    const result = await gateway.call(id, args as never, { approvalTimeoutMs: APPROVAL_WAIT, signal })
    return JSON.stringify(result).slice(0, MAX_RESULT)
  } catch (thrown) {
    if (thrown instanceof ApprovalTimeoutError) return 'Somebody of the house has to agree first; it was passed on.'
    if (thrown instanceof DeniedError && thrown.code !== 'SP_AUTHZ_UNAVAILABLE')
      return `It was refused: ${thrown.code}.`
    throw thrown
  }
}
