import { Counter, Gauge, Histogram, Registry, type MetricObjectWithValues, type MetricValue } from 'prom-client'
import { FAMILIES, type Family, type FamilyName } from './families.ts'
import { LabelBound } from './label-bound.ts'

type Labels = Readonly<Record<string, string>>
type Metric = Counter | Gauge | Histogram

/** Reads something now and sets it; called before each answer. */
export type Collector = (metrics: Metrics) => void | Promise<void>

export type Measured = MetricObjectWithValues<MetricValue<string>>

/** The metrics of one gateway, in a registry of their own. */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE
  readonly #all = new Registry()
  readonly #security = new Registry()
  readonly #metrics = new Map<FamilyName, readonly Metric[]>()
  readonly #bound = new LabelBound()
  readonly #clean: (value: string) => string
  readonly #collectors: { readonly part: string; readonly collect: Collector }[] = []

  /** @param clean takes secrets out of what others named */
  constructor(clean: (value: string) => string) {
    this.#clean = clean
    for (const [name, family] of Object.entries(FAMILIES) as [FamilyName, Family][]) {
      const registers = family.security === true ? [this.#all, this.#security] : [this.#all]
      this.#metrics.set(
        name,
        family.names.map((called) => metricOf(called, family, registers)),
      )
    }
  }

  /** Counts up. */
  add(name: FamilyName, labels: Labels = {}, by = 1): void {
    for (const metric of this.#of(name)) if (metric instanceof Counter) metric.inc(this.#safe(name, labels), by)
  }

  set(name: FamilyName, labels: Labels, value: number): void {
    for (const metric of this.#of(name)) if (metric instanceof Gauge) metric.set(this.#safe(name, labels), value)
  }

  /** @param seconds what was measured */
  observe(name: FamilyName, labels: Labels, seconds: number): void {
    for (const metric of this.#of(name))
      if (metric instanceof Histogram) metric.observe(this.#safe(name, labels), seconds)
  }

  /** Forgets all series, before they are set or counted anew. */
  reset(name: FamilyName): void {
    for (const metric of this.#of(name)) metric.reset()
  }

  /** What is read before each answer. One that throws is counted and hides none of the others. */
  collect(part: string, collect: Collector): void {
    this.#collectors.push({ part, collect })
  }

  /** Text exposition, format 0.0.4. */
  async text(which: 'all' | 'security'): Promise<string> {
    await this.#refresh()
    return (which === 'all' ? this.#all : this.#security).metrics()
  }

  /** The same as values. */
  async values(): Promise<readonly Measured[]> {
    await this.#refresh()
    return this.#all.getMetricsAsJSON() as unknown as Promise<readonly Measured[]>
  }

  async #refresh(): Promise<void> {
    await Promise.all(
      this.#collectors.map(async ({ part, collect }) => {
        try {
          await collect(this)
        } catch {
          this.add('trouble', { part })
        }
      }),
    )
  }

  #of(name: FamilyName): readonly Metric[] {
    return this.#metrics.get(name) ?? []
  }

  #safe(name: FamilyName, labels: Labels): Record<string, string> {
    const { foreign }: Family = FAMILIES[name]
    return Object.fromEntries(
      Object.entries(labels).map(([label, value]) => [
        label,
        this.#bound.of(`${name} ${label}`, value, label === foreign ? this.#clean : undefined),
      ]),
    )
  }
}

function metricOf(name: string, { type, help, labels, buckets = [] }: Family, registers: Registry[]): Metric {
  const options = { name, help, labelNames: [...labels], registers }
  if (type === 'counter') return new Counter(options)
  if (type === 'gauge') return new Gauge(options)
  return new Histogram({ ...options, buckets: [...buckets] })
}
