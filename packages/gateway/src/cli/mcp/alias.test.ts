import { isServerAlias } from '@sallyport/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aliasFor } from './alias.ts'

it.each([
  [['npx', '-y', '@modelcontextprotocol/server-memory@1.2.3'], 'server-memory'],
  [['node', '/srv/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js', '/work'], 'server-filesystem'],
  [['/usr/local/bin/My_Server.py', '--port', '1'], 'my-server'],
  [['uvx', 'mcp-server-git'], 'mcp-server-git'],
  [['node'], 'server'],
])('SYS-14: %j is called %s when nobody gave it a name', (command, alias) => {
  expect(aliasFor(command)).toBe(alias)
})

it('SYS-14: the name is always one that a server may have', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (command) => {
      expect(isServerAlias(aliasFor(command))).toBe(true)
    }),
  )
})
