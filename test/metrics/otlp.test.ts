import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openStage, type Stage } from './stage.ts'

const nanos = z.string().regex(/^[0-9]{19}$/)
const attributes = z.array(z.strictObject({ key: z.string(), value: z.strictObject({ stringValue: z.string() }) }))
const whole = z.string().regex(/^[0-9]+$/)
const point = { attributes, timeUnixNano: nanos }
const sum = z.strictObject({ ...point, startTimeUnixNano: nanos, asDouble: z.number() })
const histogram = z.strictObject({
  ...{ ...point, startTimeUnixNano: nanos, count: whole, sum: z.number() },
  ...{ bucketCounts: z.array(whole), explicitBounds: z.array(z.number()) },
})
/** The part of opentelemetry-proto's metrics that is sent, closed: a member too many is a fault. */
const Request = z.strictObject({
  resourceMetrics: z.tuple([
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeMetrics: z.tuple([
        z.strictObject({
          scope: z.strictObject({ name: z.literal('sallyport'), version: z.string() }),
          metrics: z.array(
            z.strictObject({
              ...{ name: z.string(), description: z.string(), unit: z.string().optional() },
              sum: z
                .strictObject({
                  aggregationTemporality: z.literal(2),
                  isMonotonic: z.literal(true),
                  dataPoints: z.array(sum),
                })
                .optional(),
              gauge: z
                .strictObject({ dataPoints: z.array(z.strictObject({ ...point, asDouble: z.number() })) })
                .optional(),
              histogram: z
                .strictObject({ aggregationTemporality: z.literal(2), dataPoints: z.array(histogram) })
                .optional(),
            }),
          ),
        }),
      ]),
    }),
  ]),
})

interface Received {
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function receiver(): Promise<{ server: Server; port: number; received: Received[]; answer: { status: number } }> {
  const received: Received[] = []
  const answer = { status: 200 }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      received.push({ headers: { ...request.headers, path: request.url }, body })
      response.writeHead(answer.status).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port, received, answer }
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let i = 0; i < 400 && !isSo(); i += 1) await new Promise((resolve) => setTimeout(resolve, 25))
  expect(isSo()).toBe(true)
}

describe('metrics that are sent to a collector', () => {
  let stage: Stage
  let collector: Awaited<ReturnType<typeof receiver>>
  beforeAll(async () => {
    collector = await receiver()
    stage = await openStage({
      metrics: {
        otlp: {
          ...{ url: `http://localhost:${collector.port}/v1/metrics`, every: '150ms' },
          ...{ headers: { 'x-tenant': 'acme' }, attributes: { 'deployment.environment': 'test' } },
        },
      },
    })
  }, 60_000)
  afterAll(async () => {
    await stage.close()
    collector.server.close()
  })

  test('AC-7.4.1: arrive as OTLP over HTTP, with counters, gauges and histograms that agree with /metrics', async () => {
    await stage.call('counter.count', { id: 'one' })
    const seen = collector.received.length
    await until(() => collector.received.length >= seen + 2)
    const last = collector.received.at(-1)
    expect(last?.headers).toMatchObject({ path: '/v1/metrics', 'content-type': 'application/json', 'x-tenant': 'acme' })
    const [{ resource, scopeMetrics }] = Request.parse(JSON.parse(last?.body ?? '')).resourceMetrics
    const about = Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value.stringValue]))
    expect(about).toMatchObject({ 'service.name': 'sallyport', 'deployment.environment': 'test' })
    const { metrics } = scopeMetrics[0]
    const figures = await stage.scrape()
    const named = (name: string) => metrics.find((metric) => metric.name === name)
    const decisions = named('sallyport_decisions_total')?.sum?.dataPoints[0]?.asDouble
    expect(decisions).toBe(figures.of('sallyport_decisions_total{decision="allowed",enforcement="gateway"}'))
    expect(named('sallyport_log_healthy')?.gauge?.dataPoints[0]?.asDouble).toBe(1)
    const times = named('sallyport_decision_duration_seconds')
    expect(times?.unit).toBe('s')
    const [spread] = times?.histogram?.dataPoints ?? []
    expect(spread?.bucketCounts).toHaveLength((spread?.explicitBounds.length ?? 0) + 1)
    expect(spread?.bucketCounts.reduce((all, count) => all + Number(count), 0)).toBe(Number(spread?.count))
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length)
    expect(named('sallyport_gateway_rate_limit_hits_total')).toBeUndefined()
    expect(named('gateway_rate_limit_hits_total')).toBeDefined()
  })

  test('a collector that refuses is said once, and nothing is lost', async () => {
    collector.answer.status = 503
    await until(() => stage.gateway.notices.some((line) => line.includes('do not reach localhost')))
    await stage.call('counter.count', { id: 'two' })
    const failed = stage.gateway.notices.filter((line) => line.includes('do not reach')).length
    collector.answer.status = 200
    await until(() => stage.gateway.notices.some((line) => line.includes('reach their collector again')))
    expect(failed).toBe(1)
    const seen = collector.received.length
    await until(() => collector.received.length > seen)
    const { scopeMetrics } = Request.parse(JSON.parse(collector.received.at(-1)?.body ?? '')).resourceMetrics[0]
    const decided = scopeMetrics[0].metrics.find(({ name }) => name === 'sallyport_decisions_total')
    expect(decided?.sum?.dataPoints[0]?.asDouble).toBe(2)
  })
})

describe('a collector whose name leads inside', () => {
  test('T-120: is not reached: metrics leave as everything else does', async () => {
    const collector = await receiver()
    const inside = async (): Promise<readonly string[]> => ['127.0.0.1']
    const otlp = { url: `http://collector.example:${collector.port}/v1/metrics`, every: '50ms' }
    const stage = await openStage({ metrics: { otlp } }, undefined, { resolve: inside })
    try {
      await until(() => stage.gateway.notices.some((line) => line.includes('do not reach collector.example')))
      expect(collector.received).toEqual([])
    } finally {
      await stage.close()
      collector.server.close()
    }
  })
})
