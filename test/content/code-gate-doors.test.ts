import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLAUDE_CODE } from '../../packages/gateway/src/hosts/claude-code.ts'
import { CODEX } from '../../packages/gateway/src/hosts/codex.ts'
import { install, type Installation } from '../hosts/installation.ts'
import { pre } from '../hosts/stage.ts'
import { openStage, type Stage } from '../requirements/stage.ts'

const BAD = 'import os, sys\nos.system("rm " + sys.argv[1])\n'
const GOOD = 'import sys\nprint(sys.argv[1])\n'

describe('tools of a server', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({
      policies: ['preset:balanced'],
      trust: 2,
      tools: {
        write_file: {
          effect: 'write',
          groups: ['group:fs'],
          args: { path: 'selector', content: 'content' },
          properties: { path: { type: 'string' }, content: { type: 'string' } },
          required: ['path', 'content'],
        },
      },
    })
    await stage.claim()
  }, 60_000)
  afterAll(() => stage.close())
  const write = (content: string) => stage.call('write_file', { path: 'a.py', content })

  it('HB-107: write_file waits for a person, who is told why, and runs once agreed to', async () => {
    const held = await write(BAD)
    expect(held).toMatchObject({ outcome: 'pending', reason: expect.stringContaining('a.py, line 2') })
    expect(stage.ran()).toEqual([])
    const records = await stage.records({ auditId: held.auditId })
    expect(records).toContainEqual(expect.objectContaining({ kind: 'alert', name: 'content.code', action: 'ask' }))
    expect(records).toContainEqual(
      expect.objectContaining({
        kind: 'decision',
        policyDecision: 'approval_required',
        policyRule: expect.arrayContaining(['code.dangerous_execution.shell']),
      }),
    )
    if (held.outcome === 'pending') await stage.approve(held.approvalId)
    expect(await write(BAD)).toMatchObject({ outcome: 'executed' })
    expect(stage.ran()).toHaveLength(1)
    // the yes was for that text, and no grant stands in for the next one
    expect(await write(`${BAD}#`)).toMatchObject({ outcome: 'pending' })
    expect(stage.ran()).toHaveLength(1)
  })

  it('HB-107: its safe twin runs at once', async () => {
    expect(await write(GOOD)).toMatchObject({ outcome: 'executed' })
  })
})

describe('tools of hosts, through their hooks', () => {
  let machine: Installation
  let at = ''
  beforeAll(async () => {
    machine = await install({
      trust: 2,
      prepare: (home) => {
        mkdirSync(join(home, '.claude'))
        mkdirSync(join(home, '.codex'))
      },
    })
    at = machine.site.cwd
  }, 60_000)
  afterAll(() => machine?.close(), 60_000)

  const claude = (tool: string, input: object) => machine.ask(CLAUDE_CODE, pre(tool, input, { cwd: at }))
  const codex = (text: string) => {
    const patch = `*** Begin Patch\n*** Add File: a.py\n${text.trimEnd().replace(/^/gm, '+')}\n*** End Patch`
    return machine.ask(CODEX, pre('apply_patch', { command: patch }, { cwd: at }))
  }

  const rules = async (tool: string): Promise<readonly (readonly string[])[]> => {
    const found = await machine.gateway.store.readLog({ kind: 'decision', tool })
    return found.map(({ body }) => (JSON.parse(body) as { policyRule: string[] }).policyRule)
  }

  it('HB-107: Write and Edit of Claude Code, apply_patch of Codex are held; their safe twins run', async () => {
    writeFileSync(join(at, 'b.py'), 'import os, sys\nname = "ls"\nos.system(name)\n')
    const file_path = join(at, 'b.py')
    const held = [
      await claude('Write', { file_path: join(at, 'a.py'), content: BAD }),
      await claude('Edit', { file_path, old_string: '"ls"', new_string: 'sys.argv[1]' }),
      await codex(BAD),
    ]
    // nobody is there to ask
    for (const { exit, stderr } of held)
      expect([exit, stderr]).toEqual([2, expect.stringContaining('SP_AUTHN_UNCLAIMED')])
    expect((await rules('codex.apply_patch')).at(-1)).toContain('code.dangerous_execution.shell')
    const run = [
      await claude('Write', { file_path: join(at, 'a.py'), content: GOOD }),
      await claude('Edit', { file_path, old_string: '"ls"', new_string: '"ls -l"' }),
    ]
    for (const { exit, stderr } of run) expect([exit, stderr]).toEqual([0, ''])
    // policy asks about patches for reasons of its own
    await codex(GOOD)
    expect((await rules('codex.apply_patch')).at(-1)?.filter((rule) => rule.startsWith('code.'))).toEqual([])
  })
})
