import {
  isJsonObject,
  judgedFrom,
  type Confidentiality,
  type Integrity,
  type Json,
  type JsonObject,
  type Outcome,
  type PolicyRequest,
  type RegisteredTool,
} from '@sallyport/core'
import type { DescribedCall } from '../../boundary/ports.ts'

/** The tools of today, and what calls of them are about. */
export interface ToolsNow {
  find(id: string): RegisteredTool | undefined
  describe(tool: RegisteredTool, args: JsonObject, cwd?: string): DescribedCall
}

/** A call of the log as policy was asked about it. */
export interface RecordedCall {
  readonly auditId: string
  readonly at: string
  readonly agent: string
  readonly tool: string
  readonly session: string
  /** What policy said then. */
  readonly outcome: Outcome
  readonly by: readonly string[]
  readonly request: PolicyRequest
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  allowed: 'allow',
  elevated: 'allow',
  approval_required: 'ask',
  denied: 'deny',
}

/**
 * What policy was asked for a `decision` record: arguments and labels out of the record, the rest derived with the tools of today.
 * Undefined where policy did not decide (a gate before it did), or where the tool is gone. Values that were redacted stay so.
 */
export function recordedCall(record: JsonObject, tools: ToolsNow): RecordedCall | undefined {
  const { parameters: args, labels, bundle } = record
  const text = (name: string): string => (typeof record[name] === 'string' ? record[name] : '')
  const outcome = OUTCOMES[text('policyDecision')]
  // gates before policy name no bundle
  if (record['kind'] !== 'decision' || bundle === '' || outcome === undefined || !isJsonObject(args)) return undefined
  const tool = tools.find(text('toolName'))
  if (tool === undefined) return undefined
  const judged = judgedFrom(record['judged'])
  const { facts, effect } = tools.describe(tool, args, judged.cwd === '' ? undefined : judged.cwd)
  const { annotation } = tool
  const integrity = level(labels, 'integrity', 3) as Integrity
  const request: PolicyRequest = {
    principal: { type: 'Agent', id: text('agentId') },
    action: tool.id,
    resource: { type: 'Server', id: tool.server },
    context: {
      args,
      facts,
      tool: {
        name: tool.name,
        effect,
        groups: annotation.groups,
        irreversible: annotation.irreversible,
        persist: annotation.persist,
        sensitive: annotation.sensitive === true,
        annotated: tool.annotated,
        elevated: tool.elevated,
      },
      labels: {
        tainted: integrity < 2,
        integrity,
        confidentiality: level(labels, 'confidentiality', 0) as Confidentiality,
      },
      flow: judged.flow,
      session: {
        key: '',
        surface: text('surface'),
        channel: judged.channel,
        chatType: judged.chatType,
        contentTrust: judged.contentTrust,
        trustLevel: judged.trustLevel as PolicyRequest['context']['session']['trustLevel'],
        ingress: text('ingress'),
        purpose: text('purpose'),
      },
      approved: false,
    },
  }
  const by = Array.isArray(record['policyRule']) ? record['policyRule'].map(String) : []
  return {
    ...{ auditId: text('auditId'), at: text('timestamp'), agent: text('agentId'), tool: tool.id },
    ...{ session: text('sessionId'), outcome, by, request },
  }
}

function level(labels: Json | undefined, name: string, otherwise: number): number {
  const value = isJsonObject(labels) ? labels[name] : undefined
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 3 ? value : otherwise
}

/** Labels to try instead of those that were recorded. */
export interface WhatIf {
  readonly integrity?: Integrity | undefined
  readonly confidentiality?: Confidentiality | undefined
}

/** The same call in a session with other labels; what follows from labels alone follows. */
export function withLabels(request: PolicyRequest, { integrity, confidentiality }: WhatIf): PolicyRequest {
  const { context } = request
  const { labels, flow } = context
  const now = { integrity: integrity ?? labels.integrity, confidentiality: confidentiality ?? labels.confidentiality }
  const tainted = now.integrity < 2
  return {
    ...request,
    context: {
      ...context,
      labels: { ...now, tainted },
      flow: { ...flow, seenUntrusted: tainted, seenConfidential: now.confidentiality >= 2 },
    },
  }
}
