import { join } from 'node:path'
import type { HostTable, Place } from '../host-table.ts'
import { moved } from '../paths.ts'
import { pathOf } from '../rule.ts'
import { OPENCLAW_RULES } from './openclaw/rules.ts'
import { APPROVAL_RULES } from './openclaw/tools.ts'

export const OPENCLAW_TABLE: HostTable = {
  id: 'openclaw',
  title: 'OpenClaw',
  ownTools: true,
  traces: ({ home, environment }) => [
    moved(environment['OPENCLAW_STATE_DIR'], join(home, '.openclaw')),
    join(home, '.clawdbot'),
  ],
  places: ({ home, environment }): readonly Place[] => {
    const folder = moved(environment['OPENCLAW_STATE_DIR'], join(home, '.openclaw'))
    const config = {
      format: 'json5' as const,
      servers: [pathOf('mcp.servers')],
      rules: OPENCLAW_RULES,
      includes: true as const,
    }
    return [
      { path: moved(environment['OPENCLAW_CONFIG_PATH'], join(folder, 'openclaw.json')), scope: 'user', ...config },
      { path: join(home, '.clawdbot', 'clawdbot.json'), scope: 'user', ...config },
      { path: join(folder, 'exec-approvals.json'), scope: 'user', format: 'json5', rules: APPROVAL_RULES },
      { path: join(folder, 'credentials'), scope: 'user', every: '.json' },
      { path: join(folder, '.env'), scope: 'user' },
    ]
  },
}
