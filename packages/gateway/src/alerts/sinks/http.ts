import { createHmac } from 'node:crypto'
import { canonicalJson, noticeJson, ocsfFinding, slackMessage, type Notice } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import { SinkStatus, type Sink } from '../sink.ts'
import type { SinkWays } from './ways.ts'

type Post = SinkWays['post']
const JSON_TYPE = { 'content-type': 'application/json' } as const

async function taken(status: Promise<number>): Promise<void> {
  const answered = await status
  if (answered < 200 || answered > 299) throw new SinkStatus(answered)
}

/** The signature of webhooks, as that of approvals: HMAC-SHA-256 over time, nonce and the exact body. */
const webhookSignature = (secret: string, timestamp: string, nonce: string, body: string): string =>
  createHmac('sha256', secret).update(`sallyport/webhook/1\n${timestamp}\n${nonce}\n${body}`).digest('hex')

/** Signed JSON. `idempotency-key` is the same for every try of one notice. */
export function webhookSink(
  { url, secret }: { readonly url: string; readonly secret: string },
  { post, clock, random }: { readonly post: Post; readonly clock: Clock; readonly random: Random },
): Sink {
  return {
    send: async (notice, signal) => {
      const body = canonicalJson(noticeJson(notice))
      const timestamp = String(clock.now())
      const nonce = Buffer.from(random.bytes(16)).toString('hex')
      const headers = {
        ...JSON_TYPE,
        'idempotency-key': notice.id,
        'x-sallyport-timestamp': timestamp,
        'x-sallyport-nonce': nonce,
        'x-sallyport-signature': webhookSignature(secret, timestamp, nonce, body),
      }
      await taken(post(url, headers, body, signal))
    },
  }
}

export const slackSink = (url: string, post: Post): Sink => ({
  send: (notice, signal) => taken(post(url, JSON_TYPE, canonicalJson(slackMessage(notice)), signal)),
})

export const ocsfHttpSink = (url: string, token: string | undefined, version: string, post: Post): Sink => ({
  send: (notice: Notice, signal) => {
    const login = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const headers = { ...JSON_TYPE, 'idempotency-key': notice.id, ...login }
    return taken(post(url, headers, canonicalJson(ocsfFinding(notice, version)), signal))
  },
})
