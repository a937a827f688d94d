import type { Clock } from '../boundary/ports.ts'
import { toOtlp } from './otlp.ts'
import type { Metrics } from './registry.ts'

interface OtlpConfig {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** ms */
  readonly every: number
  readonly attributes: Readonly<Record<string, string>>
}

export interface OtlpDeps {
  readonly config: OtlpConfig
  readonly metrics: Metrics
  readonly clock: Clock
  readonly version: string
  /** Name of this gateway among others. */
  readonly instance: string
  /** The guarded way out; resolves with the status. */
  readonly post: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>
  /** Said once when it stops working, and once when it works again. */
  readonly notice: (line: string) => void
}

export interface OtlpExporter {
  /** Sends now; false when the receiver did not take it. */
  send(): Promise<boolean>
  close(): Promise<void>
}

/** How long a gateway that ends waits for its last figures to be taken, ms. */
const LAST = 2_000

/**
 * Sends all metrics to a collector now and then (OTLP/HTTP, JSON). Counters are cumulative, so a sending that failed loses
 * nothing: the next one says it all. One sending at a time; a collector that hangs costs the gateway one connection.
 */
export function createOtlpExporter(deps: OtlpDeps): OtlpExporter {
  const { config, metrics, clock, version, instance, post, notice } = deps
  const startedAt = clock.now()
  const resource = {
    'service.name': 'sallyport',
    'service.version': version,
    'service.instance.id': instance,
    ...config.attributes,
  }
  const headers = { ...config.headers, 'content-type': 'application/json' }
  let sending: Promise<boolean> | undefined
  let isDown = false

  const told = (isSent: boolean): boolean => {
    if (isSent === isDown)
      notice(isSent ? 'metrics reach their collector again.' : `metrics do not reach ${new URL(config.url).host}.`)
    isDown = !isSent
    if (!isSent) metrics.add('trouble', { part: 'otlp' })
    return isSent
  }
  const once = async (): Promise<boolean> => {
    const frame = { startedAt, now: clock.now(), version, resource }
    const status = await post(config.url, headers, JSON.stringify(toOtlp(await metrics.values(), frame)))
    return status >= 200 && status < 300
  }
  const send = (): Promise<boolean> => {
    sending ??= once()
      .catch(() => false)
      .then(told)
      .finally(() => (sending = undefined))
    return sending
  }
  const timer = setInterval(() => void send(), config.every)
  timer.unref()
  return {
    send,
    async close() {
      clearInterval(timer)
      await Promise.race([send(), new Promise((resolve) => setTimeout(resolve, LAST).unref())])
    },
  }
}
