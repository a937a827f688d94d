import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openDashboard, until, type Dashboard } from './stage.ts'
import { hasTmux, Terminal } from './tmux.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))

describe('`sallyport approvals watch`', () => {
  let dashboard: Dashboard
  beforeAll(async () => {
    dashboard = await openDashboard()
    // stands where the desktop's program would: writes down what it was told
    const bin = join(dashboard.place, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'notify-send'), `#!/bin/sh\nprintf '%s\\n' "$@" >> '${dashboard.place}/notified'\n`)
    chmodSync(join(bin, 'notify-send'), 0o755)
  }, 90_000)
  const running: (() => void)[] = []
  afterEach(() => running.splice(0).forEach((kill) => kill()))
  afterAll(() => dashboard?.close())

  const notified = (): string => {
    const file = join(dashboard.place, 'notified')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  function watch(...args: string[]) {
    const env = { PATH: `${dashboard.place}/bin:${process.env['PATH'] ?? ''}`, HOME: dashboard.place, LANG: 'C.UTF-8' }
    const child = spawn(process.execPath, [PROGRAM, '--state', dashboard.state, 'approvals', 'watch', ...args], { env })
    running.push(() => child.kill('SIGKILL'))
    const heard = { out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => (heard.out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (heard.err += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    return {
      heard,
      sees: (words: string | RegExp) =>
        until(
          () => (typeof words === 'string' ? heard.out.includes(words) : words.test(heard.out)),
          () => `${String(words)} is not in\n${heard.out}\n${heard.err}`,
        ),
      waits: () =>
        until(
          () => heard.err.includes('Waiting for approvals.'),
          () => heard.err,
        ),
      stop: async () => {
        child.kill('SIGINT')
        return ended
      },
    }
  }

  test('console §10: one block a request, those that wait already first, and one line for how each ends', async () => {
    const before = await dashboard.question('ask before')
    const { heard, sees, waits, stop } = watch()
    await sees(`sallyport approvals show ${before}`)
    await waits()
    expect(heard.err).toContain('Waiting for approvals. Bell on.')
    expect(notified()).toBe('')
    const id = await dashboard.question('ask while watching')
    await sees(`sallyport approvals show ${id}`)
    await dashboard.source.deny(id)
    await sees(`${id.slice(-8)}  counter.count denied`)
    const [head, why, show] = heard.out.split('\n').slice(3)
    expect(head).toMatch(/^\? \d\d:\d\d:\d\d {2}tester {2}counter\.count {2}medium {2}[45]:\d\d$/)
    expect(why).toBe('  Counting to count changes what the auditor sees.')
    expect(show).toBe(`  sallyport approvals show ${id}`)
    // oxlint-disable-next-line no-control-regex
    expect(heard.out).not.toMatch(/[\u001b\u0007]/)
    await dashboard.source.deny(before)
    expect(await stop()).toBe(130)
  }, 90_000)

  test('T-026: the desktop is told without an action, and markup in a name is text', async () => {
    const { sees, waits, stop } = watch()
    await waits()
    const id = await dashboard.question('ask the desktop')
    await sees(id)
    await until(
      () => notified().includes(id),
      () => notified(),
    )
    expect(notified()).toMatch(/tester waits for you/)
    expect(notified()).not.toMatch(/--action|-A\b|--wait/)
    const told = notified()
    await dashboard.source.deny(id)
    await stop()
    const quiet = watch('--no-desktop')
    await quiet.waits()
    const other = await dashboard.question('ask quietly')
    await quiet.sees(other)
    await dashboard.source.deny(other)
    await quiet.sees('denied')
    expect(notified()).toBe(told)
    await quiet.stop()
  }, 90_000)

  test('`--json` is one object a line, in plain ASCII, and nothing else', async () => {
    const { heard, sees, stop } = watch('--json', '--no-desktop')
    const id = await dashboard.question('ask \u202e\u200b für JSON')
    await sees(id)
    await dashboard.source.deny(id)
    await sees('"denied"')
    const lines = heard.out.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { state: string }).state)).toEqual(['pending', 'denied'])
    expect(heard.out).toMatch(/^[ -~\n]*$/)
    await stop()
  }, 90_000)

  test.skipIf(!hasTmux)(
    'T-020: it reads no key: whatever is typed at it decides nothing',
    async () => {
      const id = await dashboard.question('ask and type')
      const terminal = new Terminal(['--state', dashboard.state, 'approvals', 'watch', '--no-desktop'])
      try {
        await terminal.sees('counter.count')
        for (const keys of ['a', 'y', 'approve', '\u001b[200~approve\u001b[201~']) {
          terminal.type(keys)
          terminal.press('Enter')
        }
        await new Promise((resolve) => setTimeout(resolve, 500))
        expect(await dashboard.stateOf(id)).toBe('pending')
      } finally {
        terminal.close()
        await dashboard.source.deny(id)
      }
    },
    90_000,
  )
})
