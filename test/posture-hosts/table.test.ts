import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { HOST_CHECKS } from '../../packages/gateway/src/assurance/posture/hosts/host-checks.ts'

const ROOM = fileURLToPath(new URL('../../packages/gateway/src/assurance/posture/hosts/', import.meta.url))

it('SEC-7.1: every finding about an agent is in the table that people read, and none is made up there', () => {
  const used = readdirSync(ROOM, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'host-checks.ts')
    .flatMap((path) => readFileSync(join(ROOM, path), 'utf8').match(/'hosts\.[a-z_]+'/g) ?? [])
  expect([...new Set(used)].map((id) => id.slice(1, -1)).sort()).toEqual(HOST_CHECKS.map(({ id }) => id).sort())
})
