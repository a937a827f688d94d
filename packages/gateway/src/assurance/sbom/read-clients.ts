import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { walk } from '../scan/walk.ts'
import { inventoryOf, type Component, type Inventory, type InventoryNote } from './component.ts'

const FILES = /(?:^|\/)(?:\.mcp\.json|mcp\.json|mcp_config\.json|claude_desktop_config\.json)$/
const LONGEST = 1 << 20

/** MCP servers that the configurations of clients below a directory name: no arguments, no variables (SYS-14, HB-2). */
export function readClients(root: string): Inventory {
  const components: Component[] = []
  const notes: InventoryNote[] = []
  for (const { path, name, bytes } of walk(root)) {
    if (!FILES.test(name)) continue
    try {
      if (bytes > LONGEST) throw new RangeError(`it has ${bytes} bytes.`)
      const value = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>
      for (const [server, entry] of Object.entries((value['mcpServers'] ?? value['servers'] ?? {}) as object))
        components.push({ kind: 'server', name: server, ...targetOf(entry), from: [name] })
    } catch (cause) {
      notes.push({ path: name, message: `It cannot be read: ${cause instanceof Error ? cause.message : ''}` })
    }
  }
  return inventoryOf([{ components, notes }])
}

/** What a server is reached by: the host of its address, or the name of its program. The rest may hold secrets. */
export function targetOf(entry: unknown): { readonly target: string; readonly transport: string } {
  const { command, url } = (entry ?? {}) as { readonly command?: unknown; readonly url?: unknown }
  if (typeof url === 'string')
    return { target: URL.canParse(url) ? new URL(url).host : '(no address)', transport: 'http' }
  const program = Array.isArray(command) ? (command as readonly unknown[])[0] : command
  if (typeof program !== 'string') return { target: '(none)', transport: 'built-in' }
  return { target: basename(program.split(/\s/)[0] ?? ''), transport: 'stdio' }
}
