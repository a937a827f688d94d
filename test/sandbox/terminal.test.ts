import { fileURLToPath } from 'node:url'
import { spawn, type IPty } from '@lydell/node-pty'
import { afterAll, describe, expect, test } from 'vitest'
import { callers, hasSandbox, sallyport, workspaceOf } from './machine.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const [caller] = callers

describe.skipIf(!hasSandbox || caller === undefined)('a shell in the sandbox, on a terminal', () => {
  if (caller === undefined) return
  const { path, home, done } = workspaceOf(caller)
  afterAll(done)

  /** Types lines, each when the text before it has been seen. */
  async function type(lines: readonly (readonly [seen: string, typed: string | ((pty: IPty) => void)])[]) {
    const pty = spawn(process.execPath, [PROGRAM, 'sandbox', 'shell', '--workspace', path], {
      cols: 100,
      rows: 30,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, TERM: 'xterm' },
    })
    let screen = ''
    const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
    // what hangs shows what it waited for
    const limit = setTimeout(() => pty.kill(), 15_000)
    let from = 0
    const left = [...lines]
    pty.onData((data) => {
      screen += data
      for (let next = left[0]; next !== undefined && screen.indexOf(next[0], from) >= 0; next = left[0]) {
        from = screen.indexOf(next[0], from) + next[0].length
        left.shift()
        if (typeof next[1] === 'string') pty.write(next[1])
        else next[1](pty)
      }
    })
    const code = await ended
    clearTimeout(limit)
    return { code, screen, left: left.map(([seen]) => seen) }
  }

  test('T-019, T-143: job control, size and exit code are those of a terminal; nothing can be typed into it', async () => {
    const steal = `perl -e 'my $c = "x"; print defined ioctl(STDIN, 0x5412, $c) ? "typed" : "not" . "-typed"'`
    const { code, screen, left } = await type([
      ['$ ', 'stty size; pwd\r'],
      ['30 100', (pty) => pty.resize(120, 40)],
      ['$ ', 'stty size\r'],
      ['40 120', (pty) => setTimeout(() => pty.write('sleep 50\r'), 300)],
      ['sleep 50', (pty) => setTimeout(() => pty.write('\u0003'), 300)],
      ['^C', (pty) => setTimeout(() => pty.write('echo code-$?\r'), 300)],
      ['code-130', 'sleep 60\r'],
      ['sleep 60', (pty) => setTimeout(() => pty.write('\u001a'), 300)],
      ['Stopped', 'jobs; kill %1\r'],
      ['sleep 60', `${steal}\r`],
      ['not-typed', 'exit 7\r'],
    ])
    expect({ left, code, screen: left.length > 0 ? screen : '' }).toEqual({ left: [], code: 7, screen: '' })
    expect(screen).toContain(path)
    expect(screen).not.toMatch(/no job control|(?<!not-)typed\r/)
  }, 30_000)

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
