import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer of the scripted model: words, tool calls, or both. */
export interface Step {
  readonly text?: string
  readonly tools?: readonly { readonly name: string; readonly args: object }[]
}

export interface ModelRequest {
  readonly url: string
  readonly body: Record<string, unknown>
}

export interface ScriptedModel {
  readonly url: string
  /** Every request, in order. */
  readonly seen: readonly ModelRequest[]
  close(): void
}

type Script = (request: ModelRequest, index: number) => Step

/**
 * A model that says what a test wants, in the wire formats that agents speak: Anthropic messages and OpenAI responses,
 * streamed or whole. Loopback only.
 */
export async function startModel(script: Script): Promise<ScriptedModel> {
  const seen: ModelRequest[] = []
  const server: Server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const asked = { url: pathOf(request), body: bodyOf(text) }
      seen.push(asked)
      answer(asked, script(asked, seen.length - 1), `r${seen.length}`, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0] ?? ''

function bodyOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

function answer(asked: ModelRequest, step: Step, id: string, response: ServerResponse): void {
  const stream = asked.body['stream'] === true
  const model = asked.body['model']
  if (asked.url.endsWith('/messages')) anthropic(response, stream, id, model, step)
  else if (asked.url.endsWith('/responses')) openai(response, stream, id, model, step)
  else response.writeHead(404).end('{}')
}

const json = (response: ServerResponse, body: object): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** Server-sent events: `event` line and `data` line for each. */
function events(response: ServerResponse, all: readonly ({ readonly type: string } & Record<string, unknown>)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  for (const event of all) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  response.end()
}

const pieces = (text: string, size: number): readonly string[] => text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []

function anthropic(response: ServerResponse, stream: boolean, id: string, model: unknown, step: Step): void {
  const usage = { input_tokens: 10, output_tokens: 5 }
  const content = [
    ...(step.text === undefined ? [] : [{ type: 'text' as const, text: step.text }]),
    ...(step.tools ?? []).map(({ name, args }, at) => ({
      type: 'tool_use' as const,
      id: `toolu_${id}${at}`,
      name,
      input: args,
    })),
  ]
  const stop_reason = step.tools === undefined ? 'end_turn' : 'tool_use'
  const message = { id, type: 'message', role: 'assistant', model, stop_sequence: null, usage }
  if (!stream) return json(response, { ...message, content, stop_reason })
  events(response, [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    ...content.flatMap((block, index) => {
      const text = block.type === 'text'
      const deltas = text
        ? pieces(block.text, 4).map((piece) => ({ type: 'text_delta', text: piece }))
        : pieces(JSON.stringify(block.input), 7).map((partial_json) => ({ type: 'input_json_delta', partial_json }))
      const start = text ? { type: 'text', text: '' } : { ...block, input: {} }
      return [
        { type: 'content_block_start', index, content_block: start },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ]
    }),
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ])
}

function openai(response: ServerResponse, stream: boolean, id: string, model: unknown, step: Step): void {
  const calls = (step.tools ?? []).map(({ name, args }, at) => ({
    type: 'function_call' as const,
    id: `fc_${id}${at}`,
    call_id: `call_${id}${at}`,
    name,
    arguments: JSON.stringify(args),
    status: 'completed',
  }))
  const words = step.text ?? ''
  const part = { type: 'output_text', text: words, annotations: [] }
  const message = { type: 'message' as const, id: `msg_${id}`, role: 'assistant', status: 'completed', content: [part] }
  const output = [...calls, ...(step.text === undefined ? [] : [message])]
  const usage = {
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  }
  const whole = {
    id: `resp_${id}`,
    object: 'response',
    created_at: 1,
    model,
    status: 'completed',
    output,
    usage,
    error: null,
  }
  if (!stream) return json(response, whole)
  const all = [
    { type: 'response.created', response: { ...whole, status: 'in_progress', output: [] } },
    ...output.flatMap((item, output_index) => {
      const at = { output_index, item_id: item.id }
      const body =
        item.type === 'message'
          ? [
              {
                type: 'response.output_item.added',
                output_index,
                item: { ...item, content: [], status: 'in_progress' },
              },
              { type: 'response.content_part.added', ...at, content_index: 0, part: { ...part, text: '' } },
              ...pieces(words, 4).map((delta) => ({
                type: 'response.output_text.delta',
                ...at,
                content_index: 0,
                delta,
              })),
              { type: 'response.output_text.done', ...at, content_index: 0, text: words },
              { type: 'response.content_part.done', ...at, content_index: 0, part },
            ]
          : [
              {
                type: 'response.output_item.added',
                output_index,
                item: { ...item, arguments: '', status: 'in_progress' },
              },
              ...pieces(item.arguments, 7).map((delta) => ({
                type: 'response.function_call_arguments.delta',
                ...at,
                delta,
              })),
              { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
            ]
      return [...body, { type: 'response.output_item.done', output_index, item }]
    }),
    { type: 'response.completed', response: whole },
  ]
  events(
    response,
    all.map((event, sequence_number) => ({ ...event, sequence_number })),
  )
}

/** How many tool results the conversation holds so far: which step of a script comes next. */
export function toolResults({ body }: ModelRequest): number {
  if (Array.isArray(body['input'])) {
    return body['input'].filter((item: { type?: string }) => item.type === 'function_call_output').length
  }
  const messages = (Array.isArray(body['messages']) ? body['messages'] : []) as { content: unknown }[]
  return messages
    .flatMap(({ content }) => (Array.isArray(content) ? (content as { type?: string }[]) : []))
    .filter(({ type }) => type === 'tool_result').length
}

/** Texts of the tool results that the agent sent back to the model with its last request. */
export function resultTexts(seen: readonly ModelRequest[]): readonly string[] {
  const last = seen.filter(({ body }) => toolResults({ url: '', body }) > 0).at(-1)?.body ?? {}
  const items = [
    ...((last['input'] ?? []) as { type?: string; output?: unknown }[]).map((item) => ({
      ...item,
      content: item.output,
    })),
    ...((last['messages'] ?? []) as { content: unknown }[]).flatMap(({ content }) =>
      Array.isArray(content) ? (content as { type?: string; content?: unknown }[]) : [],
    ),
  ].filter(({ type }) => type === 'tool_result' || type === 'function_call_output')
  return items.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)))
}
