import type { Json, JsonObject } from '@sallyport/core'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import type { Config } from './config/schema.ts'
import { createBackground, type BackgroundDeps } from './control/approvals/background.ts'
import { createApprovals, type ApprovalService } from './control/approvals/approvals.ts'
import { createSlackInbox, createSlackOutbox, slackKey, type SlackInbox } from './control/approvals/slack.ts'
import { createWebhookInbox, createWebhookOutbox, type Post, type WebhookInbox } from './control/approvals/webhook.ts'
import type { Presence } from './control/presence/presence.ts'
import type { OutgoingHttp } from './execution/egress/outgoing.ts'
import type { Store } from './store/ports.ts'

export interface ApprovalChannelsDeps {
  readonly config: Config['approvals']
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly presence: Presence
  readonly outgoing: OutgoingHttp
  readonly mac: Uint8Array
  readonly redact: (args: JsonObject) => Json
  readonly storyOf: BackgroundDeps['storyOf']
  readonly known: readonly string[]
  /** Where people reach the console; undefined while it does not listen. */
  readonly consoleUrl: () => string | undefined
  /** What has to be closed again, in the order of opening. */
  readonly opened: (() => Promise<void>)[]
}

/** Approvals, and the channels that people hear of them and answer through. */
export interface ApprovalChannels {
  readonly approvals: ApprovalService
  readonly inbox: WebhookInbox | undefined
  readonly slack: SlackInbox | undefined
}

export function createApprovalChannels(deps: ApprovalChannelsDeps): ApprovalChannels {
  const { config, store, evidence, clock, random, presence, outgoing, mac, redact, opened } = deps
  const webhook = webhookOf(config.webhook)
  const slack = slackOf(config.slack)
  const post = poster(outgoing)
  const outboxes = [
    ...(webhook === undefined ? [] : [createWebhookOutbox({ config: webhook, post, clock, random })]),
    ...(slack === undefined ? [] : [createSlackOutbox({ url: slack.url, post, consoleUrl: deps.consoleUrl })]),
  ]
  const approvals = createApprovals({
    ...{ store, evidence, clock, random, presence, redact },
    background: createBackground({ store, storyOf: deps.storyOf, known: deps.known }),
    keys: { mac },
    limits: { maxPending: config.maxPending, ttlMs: config.ttl },
    channels: [
      ...(webhook === undefined ? [] : [webhook]),
      ...(slack === undefined ? [] : [{ secret: slackKey(mac), approvers: [...slack.people.values()] }]),
    ],
    notify: (approval) => outboxes.forEach((outbox) => outbox.notify(approval)),
  })
  const inbox =
    webhook === undefined ? undefined : createWebhookInbox({ secret: webhook.secret, store, clock, service: approvals })
  const pressed =
    slack === undefined
      ? undefined
      : createSlackInbox({
          ...{ secret: slack.signingSecret, people: slack.people },
          mac,
          store,
          clock,
          service: approvals,
        })
  opened.push(async () => outboxes.forEach((outbox) => outbox.close()))
  opened.push(async () => approvals.close())
  return { approvals, inbox, slack: pressed }
}

function slackOf(config: Config['approvals']['slack']) {
  if (config === undefined) return undefined
  const people = new Map(Object.entries(config.people).map(([id, name]) => [id, `operator:${name}`]))
  return { ...config, people }
}

function webhookOf(config: Config['approvals']['webhook']) {
  return config === undefined ? undefined : { ...config, secret: Buffer.from(config.secret) }
}

/** Longest a notification may take, ms. */
const POST_LIMIT = 10_000

/** Sends one request over the guarded way out and resolves with its status. */
export const poster =
  (outgoing: OutgoingHttp): Post =>
  async (url, headers, body) => {
    const signal = AbortSignal.timeout(POST_LIMIT)
    const answer = await outgoing.exchange(url, { method: 'POST', headers, body, signal })
    await answer.discard()
    return answer.status
  }
