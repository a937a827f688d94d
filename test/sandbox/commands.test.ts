import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { confinedGateway, confinedGround, type Ground } from './confined.ts'
import { hasSandbox, processesWith } from './machine.ts'

interface Said {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  readonly cut: boolean
}

describe.skipIf(!hasSandbox)('command tools of the configuration', () => {
  let folder: Ground
  let gateway: Gateway
  let sp: Sallyport
  let work: string

  beforeAll(async () => {
    folder = await confinedGround()
    work = folder.work
    writeFileSync(join(work, 'notes.txt'), 'alpha\nbeta; touch made-by-shell\n')
    writeFileSync(join(work, 'calls-a-module.pl'), `syscall(${process.arch === 'arm64' ? 105 : 175}, 0, 0, 0);\n`)
    const servers = `
  shell: { trust: trusted, commands: { line: {}, find: { template: 'grep -n {arg} notes.txt' } }, cwd: ${work}, sandbox: { workspace: rw, limits: { seconds: 4 } } }
  reader: { trust: trusted, commands: { line: { about: Looks around. } }, cwd: ${work} }
`
    ;({ gateway, sp } = await confinedGateway(folder, servers))
  }, 60_000)
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    await folder.remove()
  })
  const run = async (tool: string, args: Record<string, string>): Promise<Said> => {
    const { structuredContent } = (await sp.call(tool, args)) as unknown as { readonly structuredContent: Said }
    return structuredContent
  }

  test('SEC-6.1: a command line runs confined and says what it said and how it ended', async () => {
    expect(await run('shell.line', { command: 'pwd; echo err >&2; exit 3' })).toMatchObject({
      exitCode: 3,
      stdout: `${work}\n`,
      stderr: 'err\n',
    })
    const reach = await run('shell.line', { command: `cat ${folder.outside}; ls ${folder.path}` })
    expect(`${reach.stdout}${reach.stderr}`).not.toMatch(/canary-of-the-host|sallyport\.yaml/)
  })

  test('E-69: without a profile the workspace is read-only, with one it is what that says', async () => {
    expect((await run('reader.line', { command: 'echo x >made-by-reader' })).exitCode).not.toBe(0)
    expect((await run('shell.line', { command: 'echo x >made-by-shell-tool' })).exitCode).toBe(0)
    expect(readdirSync(work)).toContain('made-by-shell-tool')
    expect(readdirSync(work)).not.toContain('made-by-reader')
  })

  test('AC-3.3.1: data put into a template is data, whatever it looks like', async () => {
    expect((await run('shell.find', { arg: 'alpha' })).stdout).toBe('1:alpha\n')
    expect((await run('shell.find', { arg: 'beta; touch made-by-shell' })).stdout).toBe('2:beta; touch made-by-shell\n')
    for (const arg of [
      '$(touch made-by-shell)',
      '`touch made-by-shell`',
      'x\ntouch made-by-shell',
      'a | touch made-by-shell',
    ]) {
      await run('shell.find', { arg }).catch(() => undefined)
    }
    expect(existsSync(join(work, 'made-by-shell'))).toBe(false)
  })

  test('AC-3.3.3: data that would be an option is refused, and an alert says so', async () => {
    await expect(sp.call('shell.find', { arg: '--file=/etc/passwd' })).rejects.toMatchObject({
      code: 'SP_POLICY_DENIED',
    })
    const alerts = (await gateway.store.readLog({ kind: 'alert', limit: 50 })).map(
      ({ body }) => JSON.parse(body) as { readonly toolName?: string; readonly patterns?: readonly string[] },
    )
    const patterns = alerts.filter(({ toolName }) => toolName === 'shell.find').flatMap((each) => each.patterns ?? [])
    expect(patterns).toContain('argument.option')
  })

  test('AC-3.3.2: a command line that destroys is denied before anything runs', async () => {
    await expect(sp.call('shell.line', { command: 'rm -rf / --no-preserve-root' })).rejects.toMatchObject({
      code: 'SP_POLICY_DENIED',
    })
  })

  test('T-144: time that runs out ends everything and is said', async () => {
    const said = await run('shell.line', { command: 'echo begun; sleep 61 & sleep 61' })
    expect(said).toMatchObject({ exitCode: 124, timedOut: true, stdout: 'begun\n' })
    await sleep(100)
    expect(processesWith('sleep 61')).toEqual([])
  }, 20_000)

  test('T-144: a flood of output is cut and ended, binary output is text', async () => {
    const said = await run('shell.line', { command: 'head -c 3000000 /dev/zero | tr "\\0" x' })
    expect(said).toMatchObject({ exitCode: 0, cut: true })
    expect(said.stdout).toHaveLength(1 << 20)
    const flood = await run('shell.line', { command: 'seq 1 999999999' })
    expect(flood.cut).toBe(true)
    expect(flood.exitCode).not.toBe(0)
    expect((await run('shell.line', { command: 'printf "a\\377b"' })).stdout).toBe('a\ufffdb')
  }, 20_000)

  test('AC-6.2.3, E-63: a call that nobody needs ends the process, and the log says so', async () => {
    await run('shell.line', { command: 'perl calls-a-module.pl; true' })
    const alerts = async (): Promise<string[]> =>
      (await gateway.store.readLog({ kind: 'alert', limit: 100 }))
        .map(({ body }) => body)
        .filter((body) => body.includes('sandbox-violation'))
    for (let tries = 0; tries < 50 && (await alerts()).length === 0; tries++) await sleep(100)
    if (process.getuid?.() === 0)
      expect((await alerts()).join()).toMatch(/sandbox of shell perl called init_module and was ended/)
    else expect(await alerts()).toEqual([])
  }, 20_000)

  test('SEC-6.3: the log says that it was confined', async () => {
    await run('reader.line', { command: 'true' })
    const outcomes = (await gateway.store.readLog({ kind: 'outcome', limit: 500 })).map(
      ({ body }) => JSON.parse(body) as Record<string, unknown>,
    )
    expect(
      outcomes.filter(({ toolName }) => toolName === 'reader.line').map(({ confinement }) => confinement),
    ).toContain('bubblewrap: tool')
  })
})
