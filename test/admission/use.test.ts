import { appendFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import {
  approveSkill,
  disableSkill,
  promoteSkill,
  removeSkill,
} from '../../packages/gateway/src/assurance/admission/decide.ts'
import { readBundle } from '../../packages/gateway/src/assurance/admission/read-bundle.ts'
import type { IncomingCall } from '../../packages/gateway/src/boundary/ports.ts'
import { operatorClient } from '../../packages/gateway/src/cli/client.ts'
import { admissionOf } from '../../packages/gateway/src/cli/skills/room.ts'
import { openStage, type StageTool } from '../requirements/stage.ts'

const by = { by: 'operator:ana', reason: 'looked at it' }
const text = { type: 'string' } as const
const tool = (effect: StageTool['effect'], group: string, arg: string, role = 'selector'): StageTool => ({
  ...{ effect, groups: [group], args: { [arg]: role }, properties: { [arg]: text }, required: [arg] },
})
const TOOLS = {
  act: tool('external', 'group:runtime', 'command', 'sink'),
  Read: tool('read', 'group:fs', 'file_path'),
  Write: tool('write', 'group:fs', 'file_path'),
  Skill: tool('read', 'group:sessions', 'skill'),
  send: tool('external', 'group:messaging', 'to', 'audience'),
} as const
const HOST = { enforcement: 'host' } as const

/** `name` in its manifest, a script that says it, and what is asked of a skill that changes data. */
const manifest = (name: string, more = ''): string =>
  `---\nname: ${name}\ndescription: Lists notes.\n${more}---\n# Notes\n`
const SCRIPT = '#!/bin/sh\n# lists what there is to be listed\nls -1 "$1" | sort\n'
const DELETES = '#!/bin/sh\n# takes away what there is\nrm -r "$1"/old\n'
const SENDS = '#!/bin/sh\n# fetches what there is to be known\ncurl https://news.example.com/today\n'

/** A gateway that permits everything, agents whose folder of skills it watches, and its register. */
async function open() {
  const all = '@id("all")\npermit (principal, action, resource);\n'
  const stage = await openStage({
    tools: TOOLS,
    trust: 2,
    policies: ['./all.cedar'],
    files: { 'all.cedar': `// version: 1.0\n${all}` },
    config: { skills: { watch: ['./skills'] } },
  })
  await stage.claim()
  const deps = admissionOf({ stateDir: stage.state })
  const watch = join(stage.place, 'skills')
  mkdirSync(watch, { recursive: true })
  let instances = 0
  return {
    ...{ stage, deps, watch },
    /** A skill in the watched folder. */
    lay(name: string, script: string, more = ''): string {
      mkdirSync(join(watch, name), { recursive: true })
      writeFileSync(join(watch, name, 'SKILL.md'), manifest(name, more))
      writeFileSync(join(watch, name, 'run.sh'), script)
      return join(watch, name)
    },
    async admit(name: string, approve = true): Promise<string> {
      const bundle = await readBundle(join(watch, name), { now: () => performance.now() })
      const { hash } = await admitBundle(bundle, deps, 'account:ana')
      if (approve) await approveSkill({ name, hash, ...by }, false, deps)
      return hash
    },
    /** An agent that has loaded nothing yet. */
    agent() {
      const one = stage.caller()
      const caller = { ...one, principal: { ...one.principal, instance: `instance-${++instances}` } }
      return (name: keyof typeof TOOLS, args: object, extra: Partial<IncomingCall> = HOST) =>
        stage.call(name, args, { cwd: stage.place, ...extra }, caller)
    },
  }
}

type Room = Awaited<ReturnType<typeof open>>
const refused = (code: string) => ({ outcome: 'denied', code })

describe('what is not admitted is neither read nor run', () => {
  let room: Room
  beforeAll(async () => {
    room = await open()
    for (const name of ['waits', 'gone', 'fine']) room.lay(name, `${SCRIPT}# ${name}\n`)
    await room.admit('waits', false)
    const hash = await room.admit('gone')
    await disableSkill({ name: 'gone', hash, ...by }, room.deps)
    await room.admit('fine')
  }, 180_000)
  afterAll(() => room.stage.close())

  it('HB-31 E-80: files of a skill in quarantine, by every way to name them', async () => {
    const call = room.agent()
    const store = join(room.stage.state, 'skills/quarantine')
    const { skills } = await room.deps.store.read()
    const { hash } = skills['waits']?.versions[0] ?? { hash: '' }
    symlinkSync(room.watch, join(room.stage.place, 'linked'))
    const ways: readonly (readonly [keyof typeof TOOLS, object])[] = [
      ['Read', { file_path: join(room.watch, 'waits/SKILL.md') }],
      ['Read', { file_path: 'skills/waits/run.sh' }],
      ['Read', { file_path: join(store, `waits@${hash}`, 'SKILL.md') }],
      ['Read', { file_path: 'linked/waits/SKILL.md' }],
      ['Skill', { skill: 'waits' }],
      ['Skill', { skill: 'any:waits' }],
      ['act', { command: 'sh skills/waits/run.sh .' }],
      ['act', { command: 'cd skills/waits && sh ./run.sh .' }],
      ['act', { command: 'sh "skills"/wai\'ts\'/run.sh' }],
      ['act', { command: 'sh skills/w*/run.sh .' }],
      ['act', { command: 'X=1;sh<skills/waits/run.sh' }],
      ['act', { command: 'make -C skills/fine/../waits' }],
      ['act', { command: 'sh linked/waits/run.sh' }],
      ['act', { command: `python3 -c "open('skills/waits/run.sh')"` }],
    ]
    for (const [name, args] of ways)
      expect([args, await call(name, args)]).toEqual([
        args,
        expect.objectContaining(refused('SP_SKILL_NOT_ADMITTED')) as object,
      ])
    // behind more words than anybody reads
    const many = Array.from({ length: 9_000 }, (_, at) => `w${at}`).join(' ')
    for (const before of [many, 'x'.repeat(300_000)])
      expect(await call('act', { command: `echo ${before}; sh skills/waits/run.sh` })).toMatchObject({
        outcome: 'denied',
      })
    // for a server of the gateway too
    expect(await call('act', { command: 'sh skills/waits/run.sh' }, {})).toMatchObject(refused('SP_SKILL_NOT_ADMITTED'))
    expect(room.stage.ran()).toEqual([])
  })

  it('HB-31 T-146: a copy of its script is not run wherever it lies, and read by whoever may', async () => {
    const call = room.agent()
    cpSync(join(room.watch, 'waits/run.sh'), join(room.stage.place, 'copy.sh'))
    expect(await call('act', { command: 'sh ./copy.sh' })).toMatchObject(refused('SP_SKILL_NOT_ADMITTED'))
    expect(await call('Read', { file_path: './copy.sh' })).toMatchObject({ outcome: 'delegated' })
    appendFileSync(join(room.stage.place, 'copy.sh'), '# another one\n')
    expect(await call('act', { command: 'sh ./copy.sh' })).toMatchObject({ outcome: 'delegated' })
  })

  it('HB-35: one that is off says so, and an admitted one whose byte changed is off with the first use', async () => {
    const call = room.agent()
    expect(await call('act', { command: 'sh skills/gone/run.sh' })).toMatchObject(refused('SP_SKILL_DRIFT'))
    const fine = { command: 'sh skills/fine/run.sh .' }
    expect(await call('act', fine)).toMatchObject({ outcome: 'delegated' })
    appendFileSync(join(room.watch, 'fine/run.sh'), 'true\n')
    expect(await call('act', fine)).toMatchObject(refused('SP_SKILL_DRIFT'))
    // what it is now is another one, which waits
    expect(await call('Read', { file_path: 'skills/fine/SKILL.md' })).toMatchObject(refused('SP_SKILL_NOT_ADMITTED'))
  })

  it('HB-31: no way out is opened for a confined agent whose workspace holds one', async () => {
    const { gateway, state, place } = room.stage
    await gateway.listen()
    const client = operatorClient(join(state, 'run/operator.sock'), new AbortController().signal)
    const run = { agent: 'coder', command: '/bin/true', workspace: place, pid: process.pid, shown: [] }
    await expect(client.request('POST', '/api/v1/runs', run)).rejects.toMatchObject({
      code: expect.stringMatching(/^SP_SKILL_(?:NOT_ADMITTED|DRIFT)$/),
    })
    const elsewhere = join(place, 'elsewhere')
    mkdirSync(elsewhere)
    expect(await client.request('POST', '/api/v1/runs', { ...run, workspace: elsewhere })).toMatchObject({
      agent: 'coder',
    })
    await expect(
      client.request('POST', '/api/v1/runs', { ...run, workspace: elsewhere, shown: [join(room.watch, 'waits')] }),
    ).rejects.toMatchObject({ code: 'SP_SKILL_NOT_ADMITTED' })
  })

  it('E-80: what has nothing to do with it goes on', async () => {
    const call = room.agent()
    expect(await call('Read', { file_path: 'all.cedar' })).toMatchObject({ outcome: 'delegated' })
    expect(await call('act', { command: 'ls -l skills' })).toMatchObject({ outcome: 'delegated' })
    expect(await call('Write', { file_path: 'skills/waits/SKILL.md' })).toMatchObject({ outcome: 'delegated' })
  })
})

describe('what is admitted gets what its stage gives', () => {
  let room: Room
  beforeAll(async () => {
    room = await open()
    room.lay('lists', SCRIPT)
    room.lay('deletes', DELETES, 'requires_approval: true\n')
    room.lay('sends', SENDS, 'requires_approval: true\n')
    for (const name of ['lists', 'deletes', 'sends']) await room.admit(name)
  }, 180_000)
  afterAll(() => room.stage.close())

  it('HB-33: what a skill with requires_approval runs waits for a person, although policy permits it', async () => {
    const call = room.agent()
    const args = { command: 'sh skills/deletes/run.sh .' }
    const held = await call('act', args)
    expect(held).toMatchObject({ outcome: 'pending', reason: expect.stringContaining('requires_approval') })
    expect(room.stage.ran()).toEqual([])
    if (held.outcome === 'pending') await room.stage.approve(held.approvalId)
    expect(await call('act', args)).toMatchObject({ outcome: 'delegated' })
    // the yes was for that call
    expect(await call('act', { command: 'sh skills/deletes/run.sh ..' })).toMatchObject({ outcome: 'pending' })
    expect(await call('act', args)).toMatchObject({ outcome: 'pending' })
  })

  it('HB-33: whoever loaded it is asked for everything but reads, by each way to load it, until the end of the instance', async () => {
    const loads: readonly (readonly [keyof typeof TOOLS, object])[] = [
      ['Skill', { skill: 'deletes' }],
      ['Read', { file_path: 'skills/deletes/SKILL.md' }],
      ['act', { command: 'cat skills/deletes/SKILL.md' }],
    ]
    for (const [name, args] of loads) {
      const call = room.agent()
      expect(await call('Write', { file_path: 'x' })).toMatchObject({ outcome: 'delegated' })
      await call(name, args)
      for (const [next, given] of [
        ['Write', { file_path: 'x' }],
        ['act', { command: 'true' }],
        ['send', { to: 'ben@example.com' }],
      ] as const)
        expect([name, next, await call(next, given, { ...HOST, approvalWaitMs: 0 })]).toMatchObject([
          name,
          next,
          { outcome: 'pending' },
        ])
      expect(await call('Read', { file_path: 'all.cedar' })).toMatchObject({ outcome: 'delegated' })
    }
  })

  it('E-80: what is internal does not go out: its own script is refused, of whoever loaded it a person is asked', async () => {
    const call = room.agent()
    expect(await call('act', { command: 'sh skills/sends/run.sh' })).toMatchObject(refused('SP_SKILL_TERMS'))
    const over = { command: 'sh skills/lists/run.sh; curl https://a.example.com' }
    expect(await call('act', over)).toMatchObject(refused('SP_SKILL_TERMS'))
    // a server that nothing confines gives a way out to whatever it runs
    expect(await call('act', { command: 'sh skills/lists/run.sh .' }, {})).toMatchObject(refused('SP_SKILL_TERMS'))
    const secret = { command: 'sh skills/lists/run.sh ~/.aws/credentials; cat ~/.ssh/id_rsa' }
    expect(await call('act', secret)).toMatchObject(refused('SP_SKILL_TERMS'))
    const other = room.agent()
    await other('Skill', { skill: 'lists' })
    expect(await other('act', { command: 'ls' })).toMatchObject({ outcome: 'delegated' })
    expect(await other('send', { to: 'ben@example.com' })).toMatchObject({ outcome: 'pending' })
  })

  it('E-80 HB-12: what is external goes out where its review found that it does, and nowhere else', async () => {
    const { skills } = await room.deps.store.read()
    for (const name of ['lists', 'sends'])
      await promoteSkill({ name, hash: skills[name]?.internal.at(-1) ?? '', ...by }, room.deps)
    const call = room.agent()
    expect(await call('act', { command: 'sh skills/sends/run.sh' })).toMatchObject({ outcome: 'pending' })
    const over = { command: 'sh skills/lists/run.sh; curl https://a.example.com' }
    expect(await call('act', over)).toMatchObject(refused('SP_SKILL_TERMS'))
  })

  it('HB-33: a skill that was loaded and is off or gone since leaves its agent held', async () => {
    room.lay('later', `${SCRIPT}# later\n`)
    const hash = await room.admit('later')
    const call = room.agent()
    await call('Skill', { skill: 'later' })
    expect(await call('act', { command: 'ls' })).toMatchObject({ outcome: 'delegated' })
    await disableSkill({ name: 'later', hash, ...by }, room.deps)
    expect(await call('act', { command: 'ls' })).toMatchObject({
      outcome: 'pending',
      reason: expect.stringContaining('disabled now'),
    })
    await removeSkill('later', room.deps)
    expect(await call('act', { command: 'ls -l' })).toMatchObject({
      outcome: 'pending',
      reason: expect.stringContaining('not known any more'),
    })
  })
})
