import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { findSecrets, parseHostRule, toSallyportError, type EgressRuleText, type JsonObject } from '@sallyport/core'
import type { ModelBudgetPort } from '../../packages/gateway/src/boundary/ports-budget.ts'
import { egressSourceOf } from '../../packages/gateway/src/config/egress-rules.ts'
import { requestsSchema } from '../../packages/gateway/src/config/requests-schema.ts'
import { EgressBook } from '../../packages/gateway/src/execution/egress/book.ts'
import { PageThread } from '../../packages/gateway/src/control/content/extract/page-thread.ts'
import type { EgressAttempt } from '../../packages/gateway/src/execution/egress/proxy.ts'
import { requestTools } from '../../packages/gateway/src/execution/web/request-tools.ts'
import type { WebLender } from '../../packages/gateway/src/execution/web/web-deps.ts'

/** Key and certificate of an authority of its own for these names, as files. */
export function certificate(folder: string, names: readonly string[]): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',')
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
      ...['-subj', '/CN=test', '-addext', `subjectAltName=${subject}`, '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  )
  return { key, cert }
}

/** Servers of one test file, closed together. */
export class Servers {
  readonly #open: { readonly server: Server; readonly sockets: Set<Socket> }[] = []

  http(listener: RequestListener): Promise<number> {
    return this.#listen(createHttp(listener))
  }
  https(listener: RequestListener, files: { readonly key: string; readonly cert: string }): Promise<number> {
    return this.#listen(createHttps({ key: readFileSync(files.key), cert: readFileSync(files.cert) }, listener))
  }
  /** One that says whatever it is told, once it was asked. */
  raw(answer: (socket: Socket, head: string) => void): Promise<number> {
    return this.#listen(createTcp((socket) => void socket.once('data', (head) => answer(socket, head.toString()))))
  }
  close(): void {
    for (const { server, sockets } of this.#open) {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
  async #listen(server: Server): Promise<number> {
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    })
    this.#open.push({ server, sockets })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
}

/** One for all stages of a file; it ends by itself. */
const pages = new PageThread()

export interface WebStage {
  /** What the caller gets: the result, or the code of a refusal with its reason. */
  run(
    name: string,
    args: JsonObject,
  ): Promise<{ readonly result?: WebAnswer; readonly code?: string; readonly said?: string }>
  readonly attempts: EgressAttempt[]
  /** Names that were looked up, in order. */
  readonly asked: string[]
  /** From now on these rules of egress hold. */
  setRules(
    rules: Readonly<Record<string, EgressRuleText>>,
    blocked?: readonly string[],
    refuse?: readonly string[],
  ): void
}
export interface WebAnswer {
  readonly content: readonly { readonly text: string }[]
  readonly structuredContent: JsonObject & { readonly text?: string; readonly status: number; readonly kind: string }
  readonly isError: boolean
}

/**
 * The request tools of one server, without a gateway around them.
 * @param names name → answers of the resolver, one set after the other; the last one stays
 * @param inside names that may lead to this machine
 * @param onAsk told of each name before it is looked up
 */
export function webStage(
  requests: JsonObject,
  names: Readonly<Record<string, readonly (readonly string[])[]>> = {},
  {
    inside = [] as readonly string[],
    authorities = [] as readonly string[],
    onAsk = (_host: string): void => undefined,
    budgets = undefined as ModelBudgetPort | undefined,
    lent = {} as Partial<Pick<WebLender, 'port' | 'take'>>,
  } = {},
): WebStage {
  const attempts: EgressAttempt[] = []
  const asked: string[] = []
  const book = new EgressBook()
  const tools = requestTools(
    { alias: 'web', transport: 'requests', requests: requestsSchema.parse(requests), timeoutMs: 60_000 },
    {
      resolve: async (host) => {
        asked.push(host)
        onAsk(host)
        const sets = names[host] ?? []
        return sets[Math.min(asked.filter((one) => one === host).length, sets.length) - 1] ?? []
      },
      read: (...page) => pages.read(...page),
      lenderOf: async (holder, instance, source) => ({
        port: {
          base: () => undefined,
          hostsOf: () => [],
          fitting: () => undefined,
          onRevoked: () => () => undefined,
          borrow: () => Promise.reject(new Error('no credential here')),
        },
        ...{ holder, instance, source, authorities, budgets },
        exceptions: inside.map((host) => ({ rule: parseHostRule(host), blocks: ['127.0.0.0/8'] })),
        take: () => ({ ok: true }),
        admit: () => ({ ok: true }),
        rules: () => book.of(holder),
        findSecrets: (text) => findSecrets(text, 'result'),
        ...lent,
      }),
      attempted: async (_tool, attempt) => void attempts.push(attempt),
      sign: () => Promise.reject(new Error('no value here')),
      now: () => Date.now(),
      nonce: () => 'nonce',
    },
  )
  return {
    attempts,
    asked,
    setRules: (rules, blocked = [], refuse = []) =>
      book.set('configuration', egressSourceOf({ rules, blocked: [...blocked] } as never, refuse)),
    async run(name, args) {
      try {
        const result = await tools.call(name, args, { signal: new AbortController().signal })
        return { result: result as unknown as WebAnswer }
      } catch (thrown) {
        const { code, detail, details } = toSallyportError(thrown)
        return { code: [code, details?.['reason']].filter(Boolean).join(' '), said: detail }
      }
    },
  }
}
