import { collect } from './collect.ts'
import type { Model } from './settings.ts'

export interface Tool {
  /** As the model is told it: `<server>__<tool>`. */
  readonly name: string
  readonly description: string
  readonly inputSchema: Readonly<Record<string, unknown>>
}

/** A call that a model asks for. `args` is what it wrote, unread. */
export interface Wanted {
  readonly id: string
  readonly name: string
  readonly args: unknown
}

export type Turn =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly wanted: readonly Wanted[] }
  | { readonly role: 'results'; readonly results: readonly { readonly id: string; readonly text: string }[] }

/** What a model said. Nobody believes it: it is shown to a visitor, or asked of the gateway. */
export interface Said {
  readonly text: string
  readonly wanted: readonly Wanted[]
}

/** The model cannot be had, or answers in no known form. */
export class ModelError extends Error {}

const MAX_ANSWER = 4 * 1024 * 1024
const MAX_TOKENS = 2_048

interface Api {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: (name: string, prompt: string, turns: readonly Turn[], tools: readonly Tool[]) => object
  readonly read: (answer: Answer) => Said
}
// oxlint-disable-next-line typescript/no-explicit-any
type Answer = any

const openai: Api = {
  path: '/chat/completions',
  headers: {},
  body: (model, prompt, turns, tools) => ({
    model,
    max_tokens: MAX_TOKENS,
    messages: [{ role: 'system', content: prompt }, ...turns.flatMap(openaiTurn)],
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: 'function',
            function: { name, description, parameters: inputSchema },
          })),
        }),
  }),
  read: (answer) => {
    const { content, tool_calls: calls } = answer.choices[0].message
    return {
      text: typeof content === 'string' ? content : '',
      wanted: (calls ?? []).map(({ id, function: { name, arguments: text } }: Answer) => ({
        ...{
          id: String(id),
          name: String(name),
          args: typeof text === 'string' && text !== '' ? JSON.parse(text) : {},
        },
      })),
    }
  },
}

function openaiTurn(turn: Turn): readonly object[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: turn.text }]
    case 'assistant': {
      const calls = turn.wanted.map(({ id, name, args }) => ({
        ...{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } },
      }))
      return [{ role: 'assistant', content: turn.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) }]
    }
    case 'results':
      return turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }))
  }
}

const anthropic: Api = {
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: (model, system, turns, tools) => ({
    ...{ model, system, max_tokens: MAX_TOKENS, messages: turns.map(anthropicTurn) },
    tools: tools.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema })),
  }),
  read: ({ content }) => ({
    text: content.flatMap((part: Answer) => (part.type === 'text' ? [String(part.text)] : [])).join('\n'),
    wanted: content.flatMap((part: Answer) =>
      part.type === 'tool_use' ? [{ id: String(part.id), name: String(part.name), args: part.input ?? {} }] : [],
    ),
  }),
}

function anthropicTurn(turn: Turn): object {
  switch (turn.role) {
    case 'user':
      return { role: 'user', content: turn.text }
    case 'assistant': {
      const uses = turn.wanted.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args }))
      return { role: 'assistant', content: [...(turn.text === '' ? [] : [{ type: 'text', text: turn.text }]), ...uses] }
    }
    case 'results': {
      const content = turn.results.map(({ id, text }) => ({ type: 'tool_result', tool_use_id: id, content: text }))
      return { role: 'user', content }
    }
  }
}

const APIS: Readonly<Record<Model['api'], Api>> = { openai, anthropic }

/**
 * Asks the model once. No key goes with it: where one is needed, the gateway's way out adds it.
 * @throws ModelError
 */
export async function askModel(
  { api, name, url }: Model,
  prompt: string,
  turns: readonly Turn[],
  tools: readonly Tool[],
  signal: AbortSignal,
): Promise<Said> {
  const its = APIS[api]
  try {
    const response = await fetch(`${url}${its.path}`, {
      ...{ method: 'POST', redirect: 'error', signal },
      headers: { 'content-type': 'application/json', ...its.headers },
      body: JSON.stringify(its.body(name, prompt, turns, tools)),
    })
    if (!response.ok) throw new ModelError(`The model answered ${response.status}.`)
    const answer = await collect(response.body ?? [], MAX_ANSWER)
    if (answer === undefined) throw new ModelError('The model answered too much.')
    return its.read(JSON.parse(answer.toString('utf8')))
  } catch (thrown) {
    if (thrown instanceof ModelError) throw thrown
    throw new ModelError('The model gave no answer that can be read.', { cause: thrown })
  }
}
