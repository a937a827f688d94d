import { renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LOCK_NAME, lockText, type LockedSkill } from '../../assurance/admission/lock-file.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { formatTable } from '../output.ts'
import { admittedSkills, lockedFrom, presentSkills } from './present.ts'
import { textOption } from './room.ts'

export const run: CommandRun = async (io, paths, options) => {
  const file = resolve(io.cwd, textOption(options, 'lock') ?? LOCK_NAME)
  const base = dirname(file)
  const present = await presentSkills(
    base,
    paths.map((path) => resolve(io.cwd, path)),
  )
  const installed = options['installed'] === true ? await admittedSkills(io) : []
  const locked: LockedSkill[] = []
  for (const skill of [...present, ...installed]) locked.push(await lockedFrom(skill))
  const text = lockText(locked)
  const fresh = join(base, `.${LOCK_NAME}.${process.pid}.new`)
  writeFileSync(fresh, text, { flag: 'wx' })
  renameSync(fresh, file)
  if (io.json) io.out(safeJson({ file, skills: locked.map(({ name, source, hash }) => ({ name, source, hash })) }))
  else {
    if (locked.length > 0)
      io.out(
        formatTable(
          ['SKILL', 'HASH', 'CAN', 'FROM'],
          locked.map(({ name, hash, capabilities, source }) => [name, shortHash(hash), capabilities.join(','), source]),
        ),
      )
    io.err(
      `${locked.length} ${locked.length === 1 ? 'skill' : 'skills'} in ${file}. Definitions of MCP tools are pinned by the gateway: \`sallyport mcp diff\`.`,
    )
  }
  return 0
}
