import { join } from 'node:path'
import type { ConfigFormat, ConfigPath } from './text/config-text.ts'

export type Client = 'claude-code' | 'claude-desktop' | 'cursor' | 'vscode' | 'codex' | 'openclaw'

/** A file that may list MCP servers, and where in it. `*` stands for every key. */
export interface Place {
  readonly client: Client
  readonly path: string
  readonly format: ConfigFormat
  readonly servers: ConfigPath
  /** A file of the project in the working directory, touched only with --project (T-041). */
  readonly project: boolean
}

/** Where a client leaves traces of being installed, to decide whether its hooks are worth installing. */
export interface Trace {
  readonly client: Client
  readonly path: string
}

export interface Home {
  readonly home: string
  readonly cwd: string
  readonly platform: NodeJS.Platform
}

/** User files first; platform differences are data (recipes: files for `init`). */
export function mcpPlaces({ home, cwd, platform }: Home): readonly Place[] {
  const user = (client: Client, path: string, format: ConfigFormat, servers: ConfigPath): Place => ({
    client,
    path,
    format,
    servers,
    project: false,
  })
  const project = (client: Client, path: string, format: ConfigFormat, servers: ConfigPath): Place => ({
    ...user(client, join(cwd, path), format, servers),
    project: true,
  })
  const application = applicationData(home, platform)
  return [
    user('claude-code', join(home, '.claude.json'), 'json', ['mcpServers']),
    user('claude-code', join(home, '.claude.json'), 'json', ['projects', '*', 'mcpServers']),
    user('claude-desktop', join(application, 'Claude', 'claude_desktop_config.json'), 'json', ['mcpServers']),
    user('cursor', join(home, '.cursor', 'mcp.json'), 'json', ['mcpServers']),
    user('vscode', join(application, 'Code', 'User', 'mcp.json'), 'json', ['servers']),
    user('vscode', join(application, 'Code', 'User', 'settings.json'), 'json', ['mcp', 'servers']),
    user('codex', join(home, '.codex', 'config.toml'), 'toml', ['mcp_servers']),
    user('openclaw', join(home, '.openclaw', 'openclaw.json'), 'json5', ['mcp', 'servers']),
    project('claude-code', '.mcp.json', 'json', ['mcpServers']),
    project('cursor', join('.cursor', 'mcp.json'), 'json', ['mcpServers']),
    project('vscode', join('.vscode', 'mcp.json'), 'json', ['servers']),
    project('codex', join('.codex', 'config.toml'), 'toml', ['mcp_servers']),
  ]
}

export const clientTraces = ({ home }: Home): readonly Trace[] => [
  { client: 'claude-code', path: join(home, '.claude') },
  { client: 'claude-code', path: join(home, '.claude.json') },
  { client: 'codex', path: join(home, '.codex') },
]

function applicationData(home: string, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return platform === 'win32' ? join(home, 'AppData', 'Roaming') : join(home, '.config')
}
