import type { SinkType } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import type { AlertsConfig, SinkConfig } from '../../config/alerts-schema.ts'
import type { Sink } from '../sink.ts'
import { emailSink } from './email.ts'
import { ocsfHttpSink, slackSink, webhookSink } from './http.ts'
import { ocsfFileSink } from './ocsf-file.ts'
import { syslogSink } from './syslog.ts'
import type { SinkWays } from './ways.ts'

export interface SinkDeps {
  readonly ways: SinkWays
  readonly clock: Clock
  readonly random: Random
  readonly version: string
  /** Name of this machine, for syslog. */
  readonly machine: string
}

/** The sinks of the configuration, by name. */
export const configuredSinks = (
  sinks: AlertsConfig['sinks'],
  deps: SinkDeps,
): ReadonlyMap<string, { readonly type: SinkType; readonly sink: Sink }> =>
  new Map(Object.entries(sinks).map(([name, config]) => [name, { type: config.type, sink: sinkOf(config, deps) }]))

function sinkOf(config: SinkConfig, { ways, clock, random, version, machine }: SinkDeps): Sink {
  switch (config.type) {
    case 'webhook':
      return webhookSink(config, { post: ways.post, clock, random })
    case 'slack':
      return slackSink(config.url, ways.post)
    case 'email':
      return emailSink(config, ways)
    case 'syslog': {
      const { protocol, host = '', path = '', facility } = config
      const { port = protocol === 'tls' ? 6514 : 514 } = config
      const target = protocol === 'unix' ? { protocol, path } : { protocol, host, port }
      return syslogSink({ ...target, facility, machine }, ways)
    }
    case 'ocsf':
      return config.file === undefined
        ? ocsfHttpSink(config.url ?? '', config.token, version, ways.post)
        : ocsfFileSink(config.file, version)
  }
}
