import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SANDBOX_PROFILES, type JsonObject, type SandboxProfile } from '@sallyport/core'
import { afterAll, describe, expect, it } from 'vitest'
import type { LandingPort } from '../../boundary/ports-landing.ts'
import { pass, refuse } from '../../boundary/ports.ts'
import { systemRandom } from '../../random.ts'
import { createCopyMaker } from '../copy/copy-maker.ts'
import { createConfine } from '../sandbox/confine.ts'
import { missingFor } from '../sandbox/start.ts'
import { commandTools } from './command-tools.ts'

const here = process.getuid?.() === 0 && missingFor('bubblewrap') === undefined
const place = realpathSync(mkdtempSync(join(tmpdir(), 'sp-commands-')))
const [cwd, stateDir] = [realpathSync(mkdtempSync(join(tmpdir(), 'sp-commands-work-'))), join(place, 'state')]
afterAll(() => [place, cwd].forEach((each) => rmSync(each, { recursive: true, force: true })))
const { work } = SANDBOX_PROFILES
if (work === undefined) throw new Error('no profile')

const COMMANDS = {
  exec: { about: '' },
  say: { template: 'echo {arg}', about: 'Says it' },
  bare: { template: 'x {arg}', about: '' },
}
/** Commands in real sandboxes; `decide` says whether what they wrote lands. */
function tools(profile: Partial<SandboxProfile> = {}, decide: LandingPort = async () => pass(null as never)) {
  const confine = createConfine({
    ...{ random: systemRandom, stateDir, searched: undefined, backends: ['bubblewrap'] as const },
    violations: { open: () => undefined, begun: () => undefined, ended: () => undefined },
    attempted: async () => undefined,
    unverified: () => undefined,
  })
  const sandbox: SandboxProfile = { ...work, name: 'work', network: 'none', ...profile } as SandboxProfile
  const made = commandTools(
    { alias: 'cmd', transport: 'commands', commands: COMMANDS, cwd, env: {}, sandbox, timeoutMs: 60_000 },
    {
      confine,
      copies: createCopyMaker({ random: systemRandom, stateDir }),
      decideLanding: decide,
      bind: (template, argument) =>
        argument.startsWith('-') ? undefined : [...template.split(' ').slice(0, -1), argument],
    },
  )
  const call = (name: string, args: JsonObject, signal = new AbortController().signal) =>
    made.call(name, args, { signal })
  return { ...made, call, exec: (command: string, signal?: AbortSignal) => call('exec', { command }, signal) }
}

describe('AC-3.3.1 E-60: a command is called by its name, with a text', () => {
  it.each([
    ['other', {}, 'SP_MCP_UNKNOWN_TOOL'],
    ['toString', {}, 'SP_MCP_UNKNOWN_TOOL'],
    ['exec', {}, 'SP_MCP_INVALID_ARGUMENTS'],
    ['exec', { command: ['ls'] }, 'SP_MCP_INVALID_ARGUMENTS'],
    ['say', { arg: 5 }, 'SP_MCP_INVALID_ARGUMENTS'],
    ['say', { arg: '--help' }, 'SP_MCP_INVALID_ARGUMENTS'],
  ])('%s %j is refused', async (name, args, code) => {
    await expect(tools().call(name, args)).rejects.toMatchObject({ code })
  })

  it('is told with what it takes', () => {
    expect(tools().definitions).toMatchObject([
      { name: 'exec', description: 'A bash command line.', inputSchema: { required: ['command'] } },
      { name: 'say', description: 'Says it', inputSchema: { required: ['arg'] } },
      { name: 'bare', description: 'Data for {arg} in: x {arg}', inputSchema: { required: ['arg'] } },
    ])
  })
})

describe.skipIf(!here)('a command in its sandbox', () => {
  it('says what it said, and how it ended', async () => {
    const { call, exec } = tools()
    expect(await call('say', { arg: 'a; id' })).toMatchObject({
      ...{ isError: false, structuredContent: { exitCode: 0, stdout: 'a; id\n', cut: false, timedOut: false } },
    })
    expect(await exec('echo out; echo err >&2; exit 3')).toMatchObject({
      ...{ isError: true, content: [{ text: 'out\n\nerr\n' }], structuredContent: { exitCode: 3 } },
    })
  })

  it('T-144: what says too much is cut, and what never stops is ended', async () => {
    const { exec } = tools()
    const some = await exec('head -c 3000000 /dev/zero | tr "\\0" x')
    expect(some).toMatchObject({ isError: false, structuredContent: { cut: true, exitCode: 0 } })
    expect(JSON.stringify(some)).toContain('(output was cut)')
    const all = await exec('yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')
    expect(all).toMatchObject({ isError: true, structuredContent: { cut: true } })
  }, 60_000)

  it('what takes too long is ended, and so is what nobody waits for', async () => {
    const limits = { ...work.limits, seconds: 1 }
    expect(await tools({ limits }).exec('sleep 60')).toMatchObject({
      ...{ isError: true, structuredContent: { exitCode: 124, timedOut: true } },
    })
    const caller = new AbortController()
    caller.abort()
    expect(await tools().exec('sleep 60', caller.signal)).toMatchObject({ isError: true })
  })
})

describe.skipIf(!here)('E-69: what a command did to its copy', () => {
  const copy = { workspace: 'copy' } as const
  it('lands when that is decided so, and only then', async () => {
    const asked: unknown[] = []
    const landing = tools(copy, async ({ tool, changes }) => {
      asked.push([tool, changes.map(({ path }) => path)])
      return pass(null as never)
    })
    expect(await landing.exec('echo one >landed')).toMatchObject({
      ...{
        isError: false,
        structuredContent: { landed: true, changeCount: 1, changes: [{ path: 'landed', change: 'added' }] },
      },
    })
    expect(readFileSync(join(cwd, 'landed'), 'utf8')).toBe('one\n')
    expect(asked).toEqual([['cmd.exec', ['landed']]])
    const refusing = tools(copy, async () => refuse('SP_SANDBOX_LANDING', 'A person said no.'))
    expect(await refusing.exec('echo two >refused')).toMatchObject({
      ...{ isError: true, structuredContent: { landed: false, landing: { reason: 'A person said no.' } } },
    })
    expect(existsSync(join(cwd, 'refused'))).toBe(false)
  })

  it('that did nothing asks nobody', async () => {
    const { exec } = tools(copy, () => Promise.reject(new Error('nobody is to be asked')))
    expect(await exec('true')).toMatchObject({ isError: false, structuredContent: { landed: true, changeCount: 0 } })
  })

  it('is lost when it was ended before it was done, or when nobody can decide', async () => {
    const limits = { ...work.limits, seconds: 1 }
    expect(await tools({ ...copy, limits }).exec('echo x >late; sleep 60')).toMatchObject({
      ...{ structuredContent: { landed: false, landing: { reason: 'The command was ended before it was done.' } } },
    })
    const { exec } = tools(copy, () => Promise.reject(new Error('a bug')))
    expect(await exec('echo x >late')).toMatchObject({
      isError: true,
      structuredContent: { landing: { code: 'SP_INTERNAL' } },
    })
    expect(existsSync(join(cwd, 'late'))).toBe(false)
  })
})

it('E-60: where no sandbox can be made nothing runs', async () => {
  const told: string[] = []
  const confine = createConfine({
    ...{ random: systemRandom, stateDir, searched: undefined, backends: [] },
    violations: { open: () => undefined, begun: () => undefined, ended: () => undefined },
    attempted: async () => undefined,
    unverified: (alias) => void told.push(alias),
  })
  const what = { alias: 'cmd', command: ['touch', join(cwd, 'bare')], env: {} }
  await expect(confine(what, work)).rejects.toMatchObject({ code: 'SP_SANDBOX_UNAVAILABLE' })
  await expect(confine({ ...what, env: { LD_PRELOAD: '/x' } }, work)).rejects.toMatchObject({
    code: expect.stringMatching(/^SP_/) as string,
  })
  expect([existsSync(join(cwd, 'bare')), told]).toEqual([false, []])
})
