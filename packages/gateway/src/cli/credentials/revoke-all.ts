import type { CommandRun } from '../command.ts'
import { endLeases } from './end-leases.ts'

export const run: CommandRun = (io, _args, options) =>
  endLeases(io, typeof options['agent'] === 'string' ? { holder: options['agent'] } : { all: true }, options)
