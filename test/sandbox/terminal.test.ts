import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { callers, hasSandbox, sallyport, workspaceOf } from './machine.ts'
import { later, typing, type Step } from './typing.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const [caller] = callers

describe.skipIf(!hasSandbox || caller === undefined)('a shell in the sandbox, on a terminal', () => {
  if (caller === undefined) return
  const { path, home, done } = workspaceOf(caller)
  afterAll(done)

  const type = (steps: readonly Step[]) =>
    typing(
      [process.execPath, PROGRAM, 'sandbox', 'shell', '--workspace', path],
      { env: { PATH: process.env['PATH'] ?? '', HOME: home, TERM: 'xterm' }, limit: 15_000 },
      steps,
    )

  test('T-019, T-143: job control, size and exit code are those of a terminal; nothing can be typed into it', async () => {
    const steal = `perl -e 'my $c = "x"; print defined ioctl(STDIN, 0x5412, $c) ? "typed" : "not" . "-typed"'`
    const { code, screen, left } = await type([
      ['$ ', 'stty size; pwd\r'],
      ['30 100', (pty) => pty.resize(120, 40)],
      ['$ ', 'stty size\r'],
      ['40 120', later('sleep 50\r')],
      ['sleep 50', later('\u0003')],
      ['^C', later('echo code-$?\r')],
      ['code-130', 'sleep 60\r'],
      ['sleep 60', later('\u001a')],
      ['Stopped', 'jobs; kill %1\r'],
      ['sleep 60', `${steal}\r`],
      ['not-typed', 'exit 7\r'],
    ])
    expect({ left, code, screen: left.length > 0 ? screen : '' }).toEqual({ left: [], code: 7, screen: '' })
    expect(screen).toContain(path)
    expect(screen).not.toMatch(/no job control|(?<!not-)typed\r/)
  }, 30_000)

  const user = callers.find(({ name }) => name === 'user')
  test.skipIf(user === undefined)(
    'T-138: who shares the terminal of its keeper cannot signal it',
    async () => {
      if (user === undefined) return
      const own = workspaceOf(user)
      const env = { PATH: process.env['PATH'] ?? '', HOME: own.home, TERM: 'xterm' }
      const ask = `perl -e 'print kill(0, 0) || syscall(${process.arch === 'arm64' ? 129 : 62}, 2**32, 0) == 0 ? "reached" : "not" . "-reached"'`
      const steps: readonly Step[] = [
        ['$ ', `${ask}\r`],
        ['not-reached', 'sleep 60 & kill $!; echo own-$?; exit 3\r'],
      ]
      const ran = await typing(user.line(['sandbox', 'shell', '--workspace', own.path]), { env, limit: 15_000 }, steps)
      own.done()
      expect({ code: ran.code, left: ran.left }).toEqual({ code: 3, left: [] })
      expect(ran.screen).toContain('own-0')
    },
    30_000,
  )

  test('T-019: without a terminal there is no shell', () => {
    const ran = sallyport(caller, home, ['sandbox', 'shell', '--workspace', path])
    expect(ran.code).toBe(4)
    expect(ran.err).toContain('SP_CLI_NEEDS_TERMINAL')
  })

  test('AC-6.1.4: explain says what is shown and bounded, and starts nothing', () => {
    const { out, code } = sallyport(caller, home, ['sandbox', 'explain', '--workspace', path, '--json'])
    expect(code).toBe(0)
    const { shown, systemCalls } = JSON.parse(out) as {
      shown: { path: string; writable: boolean }[]
      systemCalls: number
    }
    expect(shown).toContainEqual({ path, writable: true })
    expect(shown).toContainEqual({ path: '/usr', writable: false })
    expect(systemCalls).toBeGreaterThan(200)
  })
})
