import { jsonLine, SallyportError } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { filterQuery } from './filter.ts'

const FORMATS: readonly unknown[] = ['ndjson', 'ocsf', undefined]

export const run: CommandRun = async (io, _args, options) => {
  if (!FORMATS.includes(options['format'])) throw new SallyportError('SP_CLI_USAGE', '--format is ndjson or ocsf.')
  for await (const item of io.gateway.stream(`/api/v1/log/export${filterQuery(options)}`))
    io.out(jsonLine(item).trimEnd())
  return 0
}
