/**
 * Alias for an MCP server that a host's configuration calls `name`: the form that aliases have. `init` writes it. Many names
 * have one form, so nothing that decides may take a name for the server of its form (T-085).
 */
export function serverAlias(name: string): string {
  const form = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 32)
    .replace(/^-+|-+$/g, '')
  return form === '' ? 'server' : form
}
