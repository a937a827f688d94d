import { describe, expect, test } from 'vitest'
import { unpinnedOf } from './launch.ts'

const words = (line: string): readonly string[] => line.split(' ')

describe('what a command line would fetch', () => {
  test.each([
    ['npx -y some-server', 'some-server'],
    ['npx some-server@latest --port 1', 'some-server@latest'],
    ['npx -y @scope/server@^1.2.3', '@scope/server@^1.2.3'],
    ['npx @scope/server', '@scope/server'],
    ['npx --package=some-server run', 'some-server'],
    ['npx -p some-server run', 'some-server'],
    ['/usr/local/bin/npx -y some-server', 'some-server'],
    ['bunx some-server', 'some-server'],
    ['pnpm dlx some-server', 'some-server'],
    ['npm exec some-server', 'some-server'],
    ['uvx some-server', 'some-server'],
    ['uvx --from some-server>=1 run', 'some-server>=1'],
    ['uv tool run some-server', 'some-server'],
    ['pipx run some-server', 'some-server'],
    ['docker run -i --rm -e KEY mcp/server', 'mcp/server'],
    ['docker run --rm -v /a:/b mcp/server:latest', 'mcp/server:latest'],
    ['podman run -i mcp/server:1.2', 'mcp/server:1.2'],
    ['deno run npm:some-server', 'npm:some-server'],
    ['go run example.com/server@latest', 'example.com/server@latest'],
  ])('HB-138: %s fetches %s, whatever that is today', (line, found) => expect(unpinnedOf(words(line))).toBe(found))

  test.each([
    'npx -y some-server@1.2.3',
    'npx @scope/server@1.2.3-beta.1 --flag',
    'npx ./server.js',
    'uvx some-server==1.2.3',
    'uvx --from some-server==1.2.3 run',
    'pipx run some-server==1.2.3',
    `docker run -i --rm mcp/server@sha256:${'a'.repeat(64)}`,
    'deno run npm:some-server@1.2.3',
    'deno run server.ts',
    'go run ./cmd/server',
    'go run example.com/server@v1.2.3',
    'go build',
    'npm start',
    'pnpm start',
    'node server.js',
    '/opt/server',
    'npx',
    '',
  ])('HB-138: %s fetches nothing, or what was pinned', (line) => expect(unpinnedOf(words(line))).toBeUndefined())
})
