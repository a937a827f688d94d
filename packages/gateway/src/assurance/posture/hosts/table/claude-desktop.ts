import { join } from 'node:path'
import type { HostTable } from '../host-table.ts'
import { applicationData } from '../paths.ts'
import { is, pathOf, rule, WHY } from '../rule.ts'

const DEVELOPER = [
  rule(
    'hosts.remote_debug',
    'medium',
    'allowDevTools',
    is(true),
    'Developer tools can be opened in the application.',
    WHY.debugger,
    'Remove allowDevTools when nothing is being debugged.',
    'remove',
  ),
]

/** No tools of its own: what its MCP servers do is all that it does. */
export const CLAUDE_DESKTOP_TABLE: HostTable = {
  id: 'claude-desktop',
  title: 'Claude Desktop',
  ownTools: false,
  traces: (ground) => [join(applicationData(ground), 'Claude')],
  places: (ground) => {
    const folder = join(applicationData(ground), 'Claude')
    return [
      {
        path: join(folder, 'claude_desktop_config.json'),
        scope: 'user',
        format: 'json',
        servers: [pathOf('mcpServers')],
      },
      { path: join(folder, 'developer_settings.json'), scope: 'user', format: 'json', rules: DEVELOPER },
    ]
  },
}
