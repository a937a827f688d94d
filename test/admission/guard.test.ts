import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { SANDBOX_PROFILES } from '@sallyport/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import { approveSkill } from '../../packages/gateway/src/assurance/admission/decide.ts'
import { createSkillGate } from '../../packages/gateway/src/assurance/admission/gate.ts'
import { lookAtPlace } from '../../packages/gateway/src/assurance/admission/look-around.ts'
import { readBundle } from '../../packages/gateway/src/assurance/admission/read-bundle.ts'
import { guardUse } from '../../packages/gateway/src/assurance/admission/use/guard-use.ts'
import { LoadedByInstance } from '../../packages/gateway/src/assurance/admission/use/loaded.ts'
import { registerCache } from '../../packages/gateway/src/assurance/admission/use/register-cache.ts'
import type { ServerSpec } from '../../packages/gateway/src/execution/upstream/spec.ts'
import { openTestStore } from '../api/kit.ts'
import { directory, room, SKILL } from './kit.ts'

const by = { by: 'operator:ana', reason: 'looked at it' }
const SERVER = '#!/usr/bin/env node\n// answers what it is asked, from its own words\nconsole.log("ready")\n'
const CONFINED = SANDBOX_PROFILES['server']

async function guarded() {
  const place = directory()
  const watch = join(place, 'skills')
  mkdirSync(watch)
  const deps = room()
  const state = join(place, 'state')
  mkdirSync(state)
  const store = await openTestStore(state)
  let open = true
  const close = async (): Promise<void> => {
    if (open) await store.close()
    open = false
  }
  onTestFinished(close)
  const tell = (): void => undefined
  const looking = { ...deps, gate: createSkillGate({ ...deps, tell }), tell }
  const specs = new Map<string, ServerSpec>()
  const guard = guardUse({
    ...{ directory: deps.store.directory, watched: [watch], isNeeded: () => true, known: registerCache(deps.store) },
    loaded: await LoadedByInstance.open(store),
    lookAt: (at) => lookAtPlace(at, new Set(), looking),
    mayLoad: () => Promise.resolve([]),
    specOf: (alias) => specs.get(alias),
  })
  return {
    ...{ guard, watch, place, state, deps, specs, close },
    skill: async (name: string, approve: boolean, more = ''): Promise<string> => {
      const folder = join(watch, name)
      mkdirSync(folder)
      writeFileSync(join(folder, 'SKILL.md'), SKILL.replace('name: notes', `name: ${name}\n${more}`.trim()))
      writeFileSync(join(folder, 'server.js'), `${SERVER}// ${name}\n`)
      const bundle = await readBundle(folder, { now: () => performance.now() })
      const { hash } = await admitBundle(bundle, deps, 'ana')
      if (approve) await approveSkill({ name, hash, ...by }, false, deps)
      return join(folder, 'server.js')
    },
    /** A call of a tool that its operator calls a read. */
    call: (server: string, instance = 'i') =>
      guard.look({
        call: { server, tool: 'ask', enforcement: 'gateway' },
        caller: { principal: { instance } },
        args: {},
        tool: { annotation: { effect: 'read', groups: [], args: {} } },
        described: { effect: 'read', facts: { hosts: [], commandEffects: [], places: [] } },
      } as never) ?? Promise.resolve({}),
  }
}

const spec = (
  command: readonly string[],
  more: Partial<Extract<ServerSpec, { transport: 'stdio' }>> = {},
): ServerSpec => ({
  ...{ alias: 'own', transport: 'stdio', command, env: {}, timeoutMs: 1_000 },
  ...(CONFINED === undefined ? {} : { sandbox: CONFINED }),
  ...more,
})

describe('servers that are started out of a skill', () => {
  it('HB-31 T-086: none is started out of one in quarantine, and its calls are refused though its tools only read', async () => {
    const { guard, skill, specs, call, watch } = await guarded()
    const waits = await skill('waits', false)
    for (const one of [
      spec([process.execPath, waits]),
      spec([process.execPath, 'waits/server.js'], { cwd: watch }),
      spec(['sh', '-c', `exec node ${waits}`]),
      {
        ...spec([]),
        transport: 'commands',
        commands: { ask: { template: `node ${waits} {arg}`, about: '' } },
        sandbox: CONFINED,
      } as ServerSpec,
    ]) {
      expect(await guard.mayStart(one)).toMatchObject({ code: 'SP_SKILL_NOT_ADMITTED' })
      specs.set('own', one)
      expect(await call('own')).toMatchObject({ refusal: { code: 'SP_SKILL_NOT_ADMITTED' } })
    }
    specs.set('own', spec(['node', '/srv/other.js']))
    expect(await call('own')).toEqual({})
  }, 60_000)

  it('E-80: out of an internal one only where nothing goes out and nothing is secret; off when a byte changes', async () => {
    const { guard, skill } = await guarded()
    const fine = await skill('fine', true)
    expect(await guard.mayStart(spec([process.execPath, fine]))).toBeUndefined()
    const { sandbox: _, ...bare } = spec([process.execPath, fine]) as Extract<ServerSpec, { transport: 'stdio' }>
    const open = { ...CONFINED, network: 'allowlist' } as NonNullable<typeof CONFINED>
    for (const one of [
      bare,
      spec([process.execPath, fine], { sandbox: open }),
      spec([process.execPath, fine], { env: { API_TOKEN: 'x' } }),
    ])
      expect(await guard.mayStart(one)).toMatchObject({ code: 'SP_SKILL_TERMS' })
    appendFileSync(fine, '// more\n')
    expect(await guard.mayStart(spec([process.execPath, fine]))).toMatchObject({ code: 'SP_SKILL_DRIFT' })
  }, 60_000)

  it('HB-33: what one with requires_approval runs waits, though its tool is called a read', async () => {
    const { skill, specs, call } = await guarded()
    specs.set('own', spec([process.execPath, await skill('asks', true, 'requires_approval: true')]))
    expect(await call('own')).toMatchObject({ hold: { rules: ['skill:asks'], severity: 'medium' } })
  }, 60_000)

  it('HB-31: a workspace that holds one under watch is not shown to a confined agent; one without is', async () => {
    const { guard, skill, place, watch } = await guarded()
    await skill('fine', true)
    expect(await guard.withheld([place])).toEqual([])
    await skill('waits', false)
    expect(await guard.withheld([place])).toMatchObject([{ path: join(watch, 'waits'), code: 'SP_SKILL_NOT_ADMITTED' }])
    expect(await guard.withheld([join(watch, 'waits/server.js')])).toMatchObject([{ code: 'SP_SKILL_NOT_ADMITTED' }])
    expect(await guard.withheld([join(watch, 'fine')])).toEqual([])
  }, 60_000)
})

describe('what an agent has loaded', () => {
  it('HB-33 T-093: is known over a restart, and a row that somebody wrote counts as one that needs a person', async () => {
    const { state, close, skill, specs, call } = await guarded()
    specs.set('own', spec([process.execPath, await skill('asks', true, 'requires_approval: true')]))
    await call('own', 'kept')
    await close()
    const again = await openTestStore(state)
    expect((await LoadedByInstance.open(again)).of('kept').skills).toMatchObject([{ name: 'asks' }])
    await again.close()
    const file = new Database(join(state, 'state.db'))
    file.prepare(`UPDATE document SET body = replace(body, 'asks', 'none') WHERE kind = 'loaded'`).run()
    file.close()
    const third = await openTestStore(state)
    onTestFinished(() => third.close())
    const loaded = await LoadedByInstance.open(third)
    expect([loaded.of('kept'), loaded.of('other')]).toEqual([{ skills: [], lost: true }, { skills: [] }])
  }, 60_000)
})
