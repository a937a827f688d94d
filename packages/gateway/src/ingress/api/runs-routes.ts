import { SallyportError, type ErrorCode, type Principal, type WordsChannel } from '@sallyport/core'
import { z } from 'zod'
import type { Clock, EvidencePort, Random, Verdict } from '../../boundary/ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

/** One agent that runs confined. */
interface RunView {
  readonly id: string
  readonly agent: string
  readonly instance: string
  readonly command: string
  readonly workspace: string
  readonly pid: number
  readonly socket: string
  readonly authority?: string
}

export interface RunsRoutesDeps {
  readonly runs: {
    list(): readonly RunView[]
    get(id: string): RunView
    open(asked: Omit<RunView, 'id' | 'socket' | 'authority'> & Hosts & Allowed): Promise<RunView>
    close(id: string): void
  }
  /** Aliases of the servers that an agent may wrap. */
  readonly servers: () => readonly string[]
  /** Who an agent is now, or why it may not act. */
  readonly principalOf: (agent: string) => Verdict<Principal>
  readonly whileAlive: (principal: Principal, end: () => void) => () => void
  readonly hear: (instance: string, words: string, channel: WordsChannel) => void
  /** Variables by which an agent finds what is lent to it. */
  readonly envOf: (agent: string) => Readonly<Record<string, string>>
  /** What lies in or holds skills that may not be used. */
  readonly withheld: (
    paths: readonly string[],
  ) => Promise<readonly { readonly code: ErrorCode; readonly reason: string }[]>
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
}
interface Allowed {
  readonly whileAllowed: (end: () => void) => () => void
}
interface Hosts {
  readonly allowedHosts: readonly string[]
  readonly blockedHosts: readonly string[]
}

const HOSTS = z.array(z.string().min(1).max(300)).max(1_000).default([])
const OPEN = z.strictObject({
  agent: z.string().min(1).max(64),
  command: z.string().max(300),
  workspace: z.string().max(4_096),
  pid: z.int().min(1),
  allowedHosts: HOSTS,
  blockedHosts: HOSTS,
  shown: z.array(z.string().min(1).max(4_096)).max(1_000).default([]),
})
const WORDS = z.strictObject({ text: z.string().min(1).max(262_144), channel: z.enum(['typed', 'pasted']) })

/** `/api/v1/runs`: agents that `sallyport run` keeps confined. It owns their terminal, so it knows what a human typed (T-094). */
export function runsRoutes({
  runs,
  servers,
  principalOf,
  whileAlive,
  hear,
  envOf,
  withheld,
  evidence,
  clock,
  random,
}: RunsRoutesDeps): Route[] {
  const note = ({ agent, ...run }: RunView, event: string, extra: Readonly<Record<string, string | number>> = {}) =>
    evidence.append([
      {
        kind: 'identity',
        auditId: random.uuid(),
        timestamp: new Date(clock.now()).toISOString(),
        level: 'info',
        event,
        actor: 'local:operator',
        agentId: agent,
        instance: run.instance,
        run: run.id,
        ...extra,
      },
    ])
  const told = (run: RunView) => ({ ...run, servers: servers(), env: envOf(run.agent) })
  const base = { plane: 'operator', scope: 'execute', presence: 'account' } as const
  return [
    {
      method: 'GET',
      path: '/api/v1/runs',
      plane: 'operator',
      scope: 'read',
      summary: 'Agents that run confined by `sallyport run` now.',
      handle: () => Promise.resolve({ status: 200, body: { runs: runs.list().map(told) } }),
    },
    {
      ...base,
      method: 'POST',
      path: '/api/v1/runs',
      summary: 'Open a way out for an agent that `sallyport run` is about to start confined.',
      handle: async ({ body }) => {
        const { shown, ...asked } = readAs(OPEN, body)
        const found = principalOf(asked.agent)
        if (!found.ok) throw new SallyportError(found.code, found.reason)
        // a host reads its skills without a call: what may not be used is not shown to it at all
        const [objection] = await withheld([asked.workspace, ...shown])
        if (objection !== undefined) throw new SallyportError(objection.code, objection.reason)
        const whileAllowed = (end: () => void): (() => void) => whileAlive(found.value, end)
        const run = await runs.open({ ...asked, instance: found.value.instance, whileAllowed })
        await note(run, 'run.started', { command: run.command, workspace: run.workspace })
        return { status: 201, body: told(run) }
      },
    },
    {
      ...base,
      method: 'POST',
      path: '/api/v1/runs/:id/words',
      summary: 'Tell what the human typed or pasted into the terminal of a confined agent.',
      handle: async ({ body, params }) => {
        const { text, channel } = readAs(WORDS, body)
        const run = runs.get(params['id'] ?? '')
        await note(run, 'flow.words', { channel, length: text.length })
        hear(run.instance, text, channel)
        return { status: 200, body: {} }
      },
    },
    {
      ...base,
      presence: 'free',
      method: 'DELETE',
      path: '/api/v1/runs/:id',
      summary: 'Close the way out of a confined agent. Only narrows: it needs no proof of presence.',
      handle: async ({ params }) => {
        const run = runs.get(params['id'] ?? '')
        runs.close(run.id)
        await note(run, 'run.ended')
        return { status: 200, body: {} }
      },
    },
  ]
}
