import { readAnnotations } from '@sallyport/core'
import type { PolicyStatus } from '../../control/policy/status.ts'
import type { CommandRun } from '../command.ts'
import { formatFields, formatTable } from '../output.ts'
import { openFiles } from './open-files.ts'

export const run: CommandRun = async (io, args) => {
  if (args.length > 0) {
    const { prepared } = await openFiles(io, args)
    const rows = prepared.policies.map((policy) => {
      const meta = readAnnotations(policy.est, policy.id)
      return { id: policy.id, kind: meta.ok ? meta.meta.kind : '', place: `${policy.file}:${policy.line}` }
    })
    if (io.json) io.out(JSON.stringify(rows))
    else
      io.out(
        formatTable(
          ['POLICY', 'KIND', 'PLACE'],
          rows.map(({ id, kind, place }) => [id, kind, place]),
        ),
      )
    return 0
  }
  const status = (await io.gateway.request('GET', '/api/v1/policy/current')) as unknown as PolicyStatus & {
    staged: unknown
  }
  if (io.json) {
    io.out(JSON.stringify(status))
    return 0
  }
  io.out(
    formatFields([
      ['version', status.version],
      ['load', status.number],
      ['policies', status.policies],
      ['waiting change', status.staged === null ? 'none' : 'yes: sallyport policy accept'],
      ['blocked tools', Object.keys(status.blocked).join(', ') || 'none'],
      ['stock engine', Object.keys(status.stockEngine).join(', ') || 'none'],
    ]),
  )
  const rows = status.files.map(({ path, version, policies }) => [path, version, policies])
  io.out(`\n${formatTable(['FILE', 'VERSION', 'POLICIES'], rows)}`)
  return 0
}
