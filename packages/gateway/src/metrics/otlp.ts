import type { JsonObject } from '@sallyport/core'
import { FAMILIES } from './families.ts'
import type { Measured } from './registry.ts'

export interface OtlpFrame {
  /** When counting began and now, ms since 1970. */
  readonly startedAt: number
  readonly now: number
  readonly version: string
  readonly resource: Readonly<Record<string, string>>
}

const FIRST_NAMES = new Set<string>(Object.values(FAMILIES).map(({ names }) => names[0]))
const CUMULATIVE = 2

/** ms → nanoseconds as the decimal text that OTLP/JSON wants for 64-bit numbers. */
const nanos = (ms: number): string => `${Math.round(ms)}000000`

const attributes = (labels: object): JsonObject[] =>
  Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: String(value) } }))

/** An ExportMetricsServiceRequest in OTLP/JSON (opentelemetry-proto 1.x, metrics/v1). Each metric goes under its first name. */
export function toOtlp(measured: readonly Measured[], frame: OtlpFrame): JsonObject {
  const { version, resource } = frame
  const metrics = measured.filter(({ name }) => FIRST_NAMES.has(name)).map((metric) => metricOf(metric, frame))
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributes(resource) },
        scopeMetrics: [
          {
            scope: { name: 'sallyport', version },
            metrics: metrics.filter((metric) => metric !== undefined),
          },
        ],
      },
    ],
  }
}

function metricOf({ name, help, type, values }: Measured, { startedAt, now }: OtlpFrame): JsonObject | undefined {
  if (values.length === 0) return undefined
  const times = { startTimeUnixNano: nanos(startedAt), timeUnixNano: nanos(now) }
  const points = values.map(({ labels, value }) => ({ ...times, attributes: attributes(labels), asDouble: value }))
  const described = { name, description: help, ...(name.endsWith('_seconds') ? { unit: 's' } : {}) }
  switch (String(type)) {
    case 'counter':
      return { ...described, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: points } }
    case 'gauge':
      return { ...described, gauge: { dataPoints: points.map(({ startTimeUnixNano: _start, ...point }) => point) } }
    default:
      return { ...described, histogram: { aggregationTemporality: CUMULATIVE, dataPoints: histograms(values, times) } }
  }
}

/** Buckets of Prometheus count everything up to their bound, those of OTLP what lies between two bounds. */
function histograms(values: Measured['values'], times: JsonObject): JsonObject[] {
  const series = new Map<string, { labels: object; buckets: [number, number][]; sum: number; count: number }>()
  for (const { labels, value, ...more } of values) {
    const { le, ...own } = labels as Record<string, string | number>
    const key = JSON.stringify(own)
    const one = series.get(key) ?? { labels: own, buckets: [], sum: 0, count: 0 }
    series.set(key, one)
    const { metricName = '' } = more as { metricName?: string }
    if (metricName.endsWith('_sum')) one.sum = value
    else if (metricName.endsWith('_count')) one.count = value
    else one.buckets.push([le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value])
  }
  return [...series.values()].map(({ labels, buckets, sum, count }) => {
    const ordered = buckets.sort(([a], [b]) => a - b)
    return {
      ...times,
      attributes: attributes(labels),
      ...{ count: String(count), sum },
      bucketCounts: ordered.map(([, upTo], at) => String(upTo - (ordered[at - 1]?.[1] ?? 0))),
      explicitBounds: ordered.map(([bound]) => bound).filter(Number.isFinite),
    }
  })
}
