// docs/reference/openapi.json from the table of routes: OpenAPI 3.1.
import { csrfOf, rateOf, surfacesOf } from '../../packages/gateway/src/ingress/api/matrix.ts'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'
import { VERSION } from '../../packages/gateway/src/version.ts'

export const openapi = () => `${JSON.stringify(description(), undefined, 2)}\n`

function description() {
  const paths = {}
  const all = tableOfEntries().filter(({ raw }) => raw !== 'page' && raw !== 'asset')
  for (const entry of [...all].sort(byPath)) {
    const path = entry.path.replaceAll(/:([a-zA-Z]+)/g, '{$1}')
    const at = (paths[path] ??= {})
    const method = entry.method.toLowerCase()
    at[method] = at[method] === undefined ? operation(entry) : onBoth(at[method], operation(entry))
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sallyport',
      version: VERSION,
      description:
        'Every endpoint of the gateway. What is not in here is answered 403. `x-scope`, `x-presence`, `x-rate`, `x-csrf` and `x-surfaces` are columns of the authentication matrix.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        agentCredential: { type: 'http', scheme: 'bearer', description: 'Fifteen minutes, from POST /v1/token.' },
        agentKey: { type: 'http', scheme: 'bearer', description: 'Only to be exchanged for a credential.' },
        consoleSession: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-sallyport',
          description: 'Of a person who signed in; over plain HTTP on loopback the name is `sallyport`.',
        },
        operatorSocket: {
          type: 'mutualTLS',
          description: 'No TLS: whoever can open <state>/run/operator.sock. Nothing is sent.',
        },
      },
      schemas: {
        Problem: {
          type: 'object',
          description: 'RFC 9457.',
          required: ['type', 'title', 'status', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: { type: 'string', description: 'docs/reference/errors.md' },
            next: { type: 'string', description: 'What to do about it.' },
            eventId: { type: 'string', description: 'The record of it in the log.' },
          },
        },
      },
      responses: {
        Problem: {
          description: 'Refused, or failed.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
        TooMany: {
          description: 'Too many requests.',
          headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } },
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

function operation(entry) {
  const { method, path, plane, scope, presence, summary, justification, raw } = entry
  const surfaces = plane === 'agent' ? ['agent'] : surfacesOf(entry)
  const names = [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => name)
  const hasBody = method !== 'GET' && method !== 'DELETE'
  return {
    operationId: `${plane}_${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`.replace(/_$/, ''),
    tags: [plane],
    summary,
    ...(justification === undefined ? {} : { description: `Public: ${justification}` }),
    ...(names.length === 0 ? {} : { parameters: names.map(parameter) }),
    ...(hasBody ? { requestBody: { content: { 'application/json': { schema: {} } } } } : {}),
    responses: {
      ...(raw === 'live' || raw === 'mcp-stdio'
        ? { 101: { description: 'The protocol is switched.' } }
        : { '2XX': { description: 'Done; see docs/reference/api.md for examples.' } }),
      429: { $ref: '#/components/responses/TooMany' },
      default: { $ref: '#/components/responses/Problem' },
    },
    security: securityOf(entry, surfaces),
    'x-scope': scope,
    ...(presence === undefined ? {} : { 'x-presence': presence }),
    'x-rate': rateOf(entry, surfaces.includes('console') ? 'console' : 'socket'),
    'x-csrf': csrfOf(entry),
    'x-surfaces': surfaces,
  }
}

const parameter = (name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })

function securityOf({ plane, scope, auth }, surfaces) {
  if (scope === 'public') return []
  if (plane === 'agent') return [auth === 'key' ? { agentKey: [] } : { agentCredential: [] }]
  const named = { socket: { operatorSocket: [] }, console: { consoleSession: [] } }
  return surfaces.map((surface) => named[surface])
}

/** Two planes may have the same path; each has its own listener. */
const onBoth = (one, other) => ({
  ...one,
  tags: [...one.tags, ...other.tags],
  security: [...one.security, ...other.security],
  'x-surfaces': [...new Set([...one['x-surfaces'], ...other['x-surfaces']])],
})

const byPath = (a, b) => (`${a.path} ${a.method} ${a.plane}` < `${b.path} ${b.method} ${b.plane}` ? -1 : 1)
