import { expect, it } from 'vitest'
import type { SandboxProfile } from '@sallyport/core'
import { confinementOf, launchOf, type ServerSpec } from './spec.ts'

const base = { alias: 'a', timeoutMs: 1_000 }
const sandbox = { name: 'strict' } as SandboxProfile
const stdio = { ...base, transport: 'stdio', command: ['node', 'x.js'], env: { TOKEN: 'secret', A: 'b' } } as const
const commands = { test: { template: 'npm {arg}', about: '' } }

const SPECS: readonly (readonly [ServerSpec, string, object])[] = [
  [stdio, 'unsandboxed', { transport: 'stdio', command: ['node', 'x.js'], env: ['A', 'TOKEN'] }],
  [{ ...stdio, sandbox }, 'sandboxed', { transport: 'stdio', command: ['node', 'x.js'], env: ['A', 'TOKEN'] }],
  [
    { ...base, transport: 'commands', commands, env: { TOKEN: 'secret' }, sandbox },
    'sandboxed',
    { transport: 'commands', commands: JSON.stringify(commands) },
  ],
  [
    { ...base, transport: 'requests', requests: { webhook: {}, http: {} } as never },
    'gateway',
    { transport: 'requests', requests: 'http, webhook' },
  ],
  ...(['http', 'sse'] as const).map(
    (transport) =>
      [
        { ...base, transport, url: 'https://a.example/mcp', headers: { authorization: 'secret' } },
        'remote',
        { transport, url: 'https://a.example/mcp' },
      ] as const,
  ),
]

it.each(SPECS)('T-083: what a pin covers of a server names no secret: %o', (spec, confinement, launch) => {
  expect(launchOf(spec)).toEqual(launch)
  expect(confinementOf(spec)).toBe(confinement)
})
