import { renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { ServedServer } from '../../assurance/admission/lock-servers.ts'
import { LOCK_NAME, lockText, type LockedSkill } from '../../assurance/admission/lock-file.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { shortHash } from './print.ts'
import { formatTable } from '../output.ts'
import { admittedSkills, lockedFrom, presentSkills } from './present.ts'
import { textOption } from './room.ts'
import { servedServers } from './served.ts'

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
  const servers = options['servers'] === true ? await servedServers(io) : []
  requireAsPinned(servers)
  const text = lockText(locked, servers)
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
    const tools = servers.flatMap((server) => Object.keys(server.tools)).length
    const also = servers.length === 0 ? '' : `, and ${tools} tools of ${servers.map(({ alias }) => alias).join(', ')}`
    io.err(`${locked.length} ${locked.length === 1 ? 'skill' : 'skills'}${also} in ${file}.`)
  }
  return 0
}

/** What is locked was reviewed. @throws SallyportError SP_MCP_TOOL_DRIFT when a server serves something else than is pinned */
function requireAsPinned(servers: readonly ServedServer[]): void {
  for (const { alias, tools, served } of servers)
    for (const [name, hash] of Object.entries(served))
      if (tools[name] !== hash)
        throw new SallyportError('SP_MCP_TOOL_DRIFT', `${alias}.${name} is served as something else than is pinned.`)
}
