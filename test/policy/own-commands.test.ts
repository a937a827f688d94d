import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { NO_FACTS, protectedClasses } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { commandTree } from '../../packages/gateway/src/cli/tree.ts'

const cli = join(import.meta.dirname, '../../packages/gateway/src/cli')
/** What asks for presence, and what those modules of an area pass on. */
const PRESENCE = /'\.{1,2}\/(?:presence\/|presence\.ts)|--claim/

/** Command path → source of the module that runs it, read from the command tables. */
function sources(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const area of readdirSync(cli)) {
    let table: string
    try {
      table = readFileSync(join(cli, area, 'commands.ts'), 'utf8')
    } catch {
      continue
    }
    for (const part of table.split(/(?=\bpath: ')/)) {
      const path = /^path: '([^']+)'/.exec(part)?.[1]
      const module = /import\('(\.\/[^']+)'\)/.exec(part)?.[1]
      if (path !== undefined && module !== undefined) found.set(path, readFileSync(join(cli, area, module), 'utf8'))
    }
  }
  return found
}

const classes = (command: string): readonly string[] => protectedClasses({ ...NO_FACTS, commands: ['x'] }, { command })

describe('commands of our own', () => {
  const found = sources()
  const deciding = [...found].filter(([, source]) => PRESENCE.test(source)).map(([path]) => path)

  it('T-001 the tables are read: every command of the tree with code is there', () => {
    const built = commandTree.filter(({ load }) => load !== undefined).map(({ path }) => path)
    const elsewhere = ['completion', 'version', 'tui', 'policy test', 'tools test-policy']
    expect(built.filter((path) => !found.has(path) && !elsewhere.includes(path))).toEqual([])
    expect(deciding).toEqual(
      expect.arrayContaining(['agents trust', 'agents add', 'policy accept', 'mcp add', 'mcp pin', 'kill', 'init']),
    )
  })

  it('T-001 T-050 every command that needs a human at the terminal is one that decides', () => {
    expect(deciding.length).toBeGreaterThan(8)
    expect(deciding.filter((path) => !classes(`sallyport ${path} x`).includes('sallyport-decide'))).toEqual([])
  })

  it.each([
    'sallyport --state /x --config /y --json agents trust eve 2',
    'sallyport agents --as ana trust eve 2',
    'npx sallyport@latest mcp add --server x -- evil',
    'npx sallyport@^1.0 kill --resume',
    'node sallyport.mjs policy acc\\ept',
  ])('T-001 in this spelling too: %s', (command) => {
    expect(classes(command)).toContain('sallyport-decide')
  })
})
