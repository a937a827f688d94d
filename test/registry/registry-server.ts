import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { findSecrets, parseHostRule, toSallyportError } from '@sallyport/core'
import { fetchBundle, type FetchOptions } from '../../packages/gateway/src/assurance/registry/fetch-bundle.ts'
import type { Bundle } from '../../packages/gateway/src/assurance/admission/bundle.ts'
import type { RegistryDeps } from '../../packages/gateway/src/assurance/registry/deps.ts'
import { registriesSchema } from '../../packages/gateway/src/config/registries-schema.ts'
import { egressSourceOf } from '../../packages/gateway/src/config/egress-rules.ts'
import { EgressBook } from '../../packages/gateway/src/execution/egress/book.ts'
import type { EgressAttempt } from '../../packages/gateway/src/execution/egress/proxy.ts'
import { createRetrieve } from '../../packages/gateway/src/execution/egress/retrieve.ts'
import { zip, type Entry } from './archives.ts'

export const sha = (algorithm: string, bytes: Uint8Array, encoding: 'hex' | 'base64' = 'hex'): string =>
  createHash(algorithm).update(bytes).digest(encoding)

/** Answers for paths; what is no answer is JSON. */
export type Route = (request: IncomingMessage, response: ServerResponse) => unknown
export type Routes = Record<string, Route | object | undefined>

export interface RegistryServer {
  readonly port: number
  readonly url: string
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[]
  /** Answers from now on, by path with the query; one with the path alone answers for all queries. */
  routes: Routes
  close(): void
}

/** A registry over real HTTP, which says whatever a test has it say. */
export async function registryServer(routes: Routes = {}): Promise<RegistryServer> {
  const sockets = new Set<Socket>()
  const http: Server = createServer((request, response) => {
    const path = request.url ?? ''
    server.asked.push({ path, authorization: request.headers.authorization })
    const route = server.routes[path] ?? server.routes[path.replace(/\?.*$/, '')]
    if (typeof route === 'function') return void (route as Route)(request, response)
    if (route === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(route))
  })
  http.on('connection', (socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const server: RegistryServer = {
    ...{ port, url: `http://127.0.0.1:${port}`, asked: [], routes },
    close: () => {
      for (const socket of sockets) socket.destroy()
      http.close()
    },
  }
  return server
}

export const send =
  (bytes: Uint8Array, headers: Record<string, string> = {}): Route =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers }).end(bytes)
export const refuse =
  (status: number, body = '', headers: Record<string, string> = {}): Route =>
  (_, response) =>
    response.writeHead(status, headers).end(body)
export const lead =
  (location: string, status = 302): Route =>
  (_, response) =>
    response.writeHead(status, { location }).end()

/** The gateway's own way out, with names that lead where a test says, and what went out over it. */
export function registryDeps(
  registries: object,
  {
    names = {} as Readonly<Record<string, readonly string[]>>,
    blocked = [] as readonly string[],
    inside = [] as readonly string[],
    trust = undefined as RegistryDeps['trust'],
  } = {},
): RegistryDeps & { readonly attempts: EgressAttempt[] } {
  const attempts: EgressAttempt[] = []
  const book = new EgressBook()
  book.set('configuration', egressSourceOf({ rules: {}, blocked: [...blocked] } as never))
  const fetch = createRetrieve({
    lender: {
      exceptions: inside.map((host) => ({ rule: parseHostRule(host), blocks: ['127.0.0.0/8'] })),
      authorities: [],
      rules: () => book.of('sallyport:registry'),
      findSecrets: (text) => findSecrets(text, 'result'),
      admit: () => ({ ok: true }),
    },
    resolve: async (host) => Promise.resolve(names[host] ?? []),
    report: async (attempt) => void attempts.push(attempt),
  })
  const now = (): number => Date.parse('2026-11-29T00:00:00Z')
  return { fetch, config: registriesSchema.parse(registries), now, trust, attempts }
}

export type Outcome =
  | { readonly bundle: Bundle; readonly code?: never; readonly said?: never; readonly details?: never }
  | {
      readonly code: string
      readonly said: string
      readonly details: Readonly<Record<string, unknown>>
      readonly bundle?: never
    }

export async function fetched(reference: string, deps: RegistryDeps, options?: FetchOptions): Promise<Outcome> {
  try {
    return { bundle: await fetchBundle(reference, deps, options) }
  } catch (thrown) {
    const { code, detail, details } = toSallyportError(thrown)
    return { code, said: detail, details }
  }
}

export const SKILL: readonly Entry[] = [
  { name: 'SKILL.md', content: '---\nname: gifgrep\ndescription: Finds pictures.\n---\nAsk for a picture.\n' },
  { name: 'scripts/find.sh', content: '#!/bin/sh\necho found\n', mode: 0o100755 },
]

interface SkillLies {
  readonly entries?: readonly Entry[]
  readonly archive?: Buffer
  readonly slug?: string
  readonly version?: string
  readonly served?: string
  readonly owner?: object | null
  readonly files?: readonly object[] | null
  readonly moderation?: object
  readonly skill?: object
  readonly security?: object
  readonly headers?: Record<string, string>
}

/** The documented routes for `gifgrep` 1.2.3 of steipete. */
export function skillRoutes({ entries = SKILL, ...lies }: SkillLies = {}): Routes {
  const archive =
    lies.archive ??
    zip([
      ...entries,
      { name: '_meta.json', content: JSON.stringify({ slug: 'gifgrep', version: lies.served ?? '1.2.3' }) },
    ])
  const files = entries.map(({ name, content = '' }) => {
    const bytes = Buffer.from(content as string)
    return { path: name, size: bytes.length, sha256: sha('sha256', bytes), contentType: 'text/plain' }
  })
  return {
    '/api/v1/skills/gifgrep': {
      skill: {
        slug: lies.slug ?? 'gifgrep',
        displayName: 'GifGrep',
        summary: 'Finds pictures.',
        tags: { latest: '1.2.3' },
        createdAt: 1_700_000_000_000.5,
        ...lies.skill,
      },
      latestVersion: { version: '1.2.3', createdAt: 0, changelog: 'x' },
      owner: lies.owner === undefined ? { handle: 'steipete', displayName: 'Peter', image: null } : lies.owner,
      metadata: null,
    },
    '/api/v1/skills/gifgrep/versions/1.2.3': {
      skill: { slug: 'gifgrep' },
      version: {
        version: lies.version ?? '1.2.3',
        createdAt: 0,
        changelog: 'x',
        files: lies.files === undefined ? files : lies.files,
        security: lies.security ?? null,
      },
    },
    ...(lies.moderation === undefined ? {} : { '/api/v1/skills/gifgrep/moderation': { moderation: lies.moderation } }),
    '/api/v1/download': send(archive, { 'content-type': 'application/zip', ...lies.headers }),
  }
}
