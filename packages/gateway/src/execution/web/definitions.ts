import type { JsonObject, ToolDefinition } from '@sallyport/core'
import type { RequestsConfig } from '../../config/requests-schema.ts'

const LONGEST_URL = 8_192
const LONGEST_BODY = 1_048_576

const url: JsonObject = {
  type: 'string',
  minLength: 8,
  maxLength: LONGEST_URL,
  description: 'Absolute, with http or https. Only hosts that the operator listed can be reached.',
}

const tool = (
  name: string,
  description: string,
  required: readonly string[],
  properties: JsonObject,
): ToolDefinition => ({
  name,
  description,
  inputSchema: { type: 'object', properties, required: [...required], additionalProperties: false },
})

/** The request tools of a server as MCP tools. */
export function requestDefinitions({ web_fetch, http, webhook }: RequestsConfig): readonly ToolDefinition[] {
  const definitions: ToolDefinition[] = []
  if (web_fetch !== undefined)
    definitions.push(tool('web_fetch', 'Reads a page and returns its text, title and links.', ['url'], { url }))
  if (http !== undefined) {
    const about =
      'Sends one HTTP request. Redirects are not followed. Credentials are put in by the gateway, never by you.'
    definitions.push(
      tool('http', about, ['url'], {
        url,
        method: { type: 'string', enum: [...http.methods].sort(), description: `Default: ${http.methods[0]}.` },
        headers: { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 32 },
        body: { type: 'string', maxLength: LONGEST_BODY, description: 'Its media type goes into the headers.' },
      }),
    )
  }
  if (webhook !== undefined)
    definitions.push(
      tool('webhook', 'Posts JSON to a target that the operator named.', ['target', 'payload'], {
        target: { type: 'string', enum: Object.keys(webhook.targets).sort() },
        payload: { type: 'object', description: 'The JSON that is sent.' },
      }),
    )
  return definitions
}
