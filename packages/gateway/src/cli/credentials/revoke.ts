import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { endLeases } from './end-leases.ts'

export const run: CommandRun = (io, args, options) => endLeases(io, { credential: argument(args, 0, 'name') }, options)
