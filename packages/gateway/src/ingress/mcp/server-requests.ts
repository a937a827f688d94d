import {
  isJsonObject,
  pseudoTool,
  stripOurMeta,
  withMember,
  withoutMembers,
  type JsonObject,
  type ServerAnswer,
} from '@sallyport/core'
import type { LinkHost } from './link-host.ts'
import type { McpServerEntry, ServerRequestKind } from './ports.ts'

const KINDS: ReadonlyMap<string, ServerRequestKind> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots'],
])

/** Names of form fields that ask for a secret, in eight languages (T-064). */
const SECRET_FIELD =
  /pass(?:wor[dt]|phrase|code)?|passwort|kennwort|contrase|clave|senha|mot.?de.?passe|mdp|parola|wachtwoord|lozinka|has[lł]o|пароль|密码|密碼|パスワード|暗証|비밀번호|secret|geheim|secreto|segreto|token|api.?key|credential|pin\b|pin.?code|tan\b|otp|2fa|mfa|cvv|cvc|card.?(?:number|nr)|kreditkarte|iban|ssn|seed|mnemonic|private.?key/iu

interface ServerRequest {
  readonly method: string
  readonly params: JsonObject
  readonly paramsText: string
  readonly signal: AbortSignal
}

/**
 * Answers what a server asks of the client (T-063–T-065). Refused unless the operator permits the kind for this server, the
 * client has it, and policy allows `mcp:<method>`; the client's answer leaves through the boundary too.
 */
export async function answerServerRequest(
  host: LinkHost,
  entry: McpServerEntry,
  request: ServerRequest,
): Promise<ServerAnswer> {
  const kind = KINDS.get(request.method)
  const { capabilities } = host.client()
  const permitted = kind !== undefined && entry.serverRequests.includes(kind) && isJsonObject(capabilities[kind])
  if (!permitted) {
    host.refused('SP_MCP_METHOD_REFUSED', `Server ${entry.alias} asked for ${request.method.slice(0, 60)}.`)
    return refuse('Method not found')
  }
  const fitted = fit(kind, entry, request)
  if (fitted === undefined) {
    host.refused('SP_MCP_METHOD_REFUSED', `Server ${entry.alias} asked in a form that is never passed on.`)
    return refuse('The request is not passed on.', -32602)
  }
  const crossed = await host.boundary.cross(host.caller, {
    requestId: request.method,
    server: entry.alias,
    tool: pseudoTool(request.method),
    argsText: withoutMembers(fitted, (key) => key === '_meta'),
    meta: {},
    enforcement: 'host',
    signal: request.signal,
    approvalWaitMs: 0,
  })
  if (crossed.outcome !== 'delegated') return refuse('The request is not allowed.', -32600)
  const answer = await host.ask(request.method, fitted, request.signal)
  const resultText = answer?.resultText === undefined ? undefined : stripOurMeta(answer.resultText)
  const reported = await host.boundary.report(
    host.caller,
    crossed.auditId,
    resultText === undefined ? 'failure' : 'success',
    resultText,
  )
  if (resultText === undefined || !reported.ok) return refuse('The client did not answer.', -32603)
  return { resultText: inspected(reported.value) ?? resultText }
}

const refuse = (message: string, code = -32601): ServerAnswer => ({ code, message, error: 'SP_MCP_METHOD_REFUSED' })

/** The inspected copy that `report` gives back, where it gives one. */
function inspected(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('resultText' in value)) return undefined
  return typeof value.resultText === 'string' ? value.resultText : undefined
}

/** The request as the client gets it, or undefined for a form that is never passed on. */
function fit(
  kind: ServerRequestKind,
  entry: McpServerEntry,
  { params, paramsText }: ServerRequest,
): string | undefined {
  switch (kind) {
    case 'roots':
      return paramsText
    case 'sampling':
      if ('tools' in params || 'toolChoice' in params || 'task' in params) return undefined
      return withMember(paramsText, 'includeContext', '"none"')
    case 'elicitation': {
      const { mode, message, requestedSchema } = params
      if ((mode !== undefined && mode !== 'form') || typeof message !== 'string' || 'task' in params) return undefined
      if (!isJsonObject(requestedSchema) || asksForSecret(message, requestedSchema)) return undefined
      return withMember(paramsText, 'message', JSON.stringify(`[${entry.alias}] ${message}`))
    }
  }
}

/** True when the message or a field's name, title or description sounds like a secret; full-width forms count as plain. */
function asksForSecret(message: string, schema: JsonObject): boolean {
  const { properties } = schema
  if (SECRET_FIELD.test(plain(message)) || !isJsonObject(properties)) return true
  return Object.entries(properties).some(([name, field]) => {
    const texts = isJsonObject(field) ? [field['title'], field['description']] : []
    return [name, ...texts].some((text) => typeof text === 'string' && SECRET_FIELD.test(plain(text)))
  })
}

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\p{Cf}]/gu, '')
    .replace(/[_-]+/g, ' ')
