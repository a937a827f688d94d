import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { shortHash } from './print.ts'
import { asJson, listSkills } from './room.ts'

export const run: CommandRun = async (io) => {
  const list = await listSkills(io)
  if (io.json) {
    io.out(safeJson(asJson(list)))
    return 0
  }
  const { skills, block, allow } = list
  if (skills.length + block.length + allow.length === 0) {
    io.err('No skills. Take one in with `sallyport skills add PATH`.')
    return 0
  }
  if (skills.length > 0)
    io.out(
      formatTable(
        ['SKILL', 'VERSION', 'HASH', 'STATE', 'SERVES', 'CAN', 'FINDINGS', 'FROM'],
        skills.map(({ name, version = '', hash, state, serves, capabilities, found, source }) => [
          ...[name, version, shortHash(hash), state, serves, capabilities.join(','), found, source],
        ]),
      ),
    )
  if (block.length > 0)
    io.out(
      `\n${formatTable(
        ['BLOCKED', 'HASH', 'PUBLISHER', 'BY', 'WHY'],
        block.map(({ name = 'any', hash = 'any', publisher = 'any', by, reason }) => [
          ...[name, hash === 'any' ? hash : shortHash(hash), publisher, by, reason],
        ]),
      )}`,
    )
  if (allow.length > 0)
    io.out(
      `\n${formatTable(
        ['ALLOWED', 'HASH', 'FROM', 'TO', 'BY', 'WHY'],
        allow.map(({ name, hash, source, to, by, reason }) => [name, shortHash(hash), source, to, by, reason]),
      )}`,
    )
  const waiting = skills.filter(({ state }) => state === 'pending_review').length
  if (waiting > 0) io.err(`${waiting} to review: sallyport skills review NAME.`)
  return 0
}
