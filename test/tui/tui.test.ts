import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openDashboard, PIN, until, type Dashboard } from './stage.ts'
import { hasTmux, Terminal } from './tmux.ts'

describe.skipIf(!hasTmux)('`sallyport tui` in a real terminal', () => {
  let dashboard: Dashboard
  let terminal: Terminal | undefined
  beforeAll(async () => {
    dashboard = await openDashboard()
  }, 90_000)
  afterAll(() => dashboard?.close())
  afterEach(() => terminal?.close())

  const open = (more: readonly string[] = []): Terminal => {
    terminal = new Terminal(['--state', dashboard.state, 'tui', ...more])
    return terminal
  }
  const becomes = (id: string, state: string): Promise<void> =>
    until(
      async () => (await dashboard.stateOf(id)) === state,
      () => `it is not ${state}`,
    )

  test('T-019 T-020: keys that somebody else presses reach the PIN and no further; denying needs none', async () => {
    const id = await dashboard.question('ask under tmux')
    const screen = open()
    await screen.sees('ask under tmux')
    await screen.sees('An agent under your account can press keys here.')
    screen.type('a')
    await screen.sees('PIN of ana to agree')
    await screen.sees('Sallyport asks for the PIN only here')
    for (const guess of ['y', 'yes', 'a', '1234-wrong-pin']) {
      screen.type(guess)
      screen.press('Enter')
    }
    await screen.sees('SP_AUTHN_PRESENCE')
    await screen.sees('ask under tmux')
    expect(await dashboard.stateOf(id)).toBe('pending')
    screen.type('d')
    await becomes(id, 'denied')
    await screen.sees('Nothing waits for you.')
    screen.type('q')
    await screen.sees('[ended 0]')
  }, 180_000)

  test('SYS-4: the PIN approves exactly this call, and the call goes on', async () => {
    const id = await dashboard.question('ask and go on')
    const screen = open(['--ascii'])
    await screen.sees('ask and go on')
    await screen.sees('##- tester')
    screen.resize(70, 24)
    await screen.sees('tester')
    screen.press('Enter')
    await screen.sees('ask and go on')
    screen.resize(100, 30)
    screen.type('a')
    await screen.sees('PIN of ana to agree')
    screen.type(PIN)
    screen.press('Enter')
    await screen.sees(`Approved ${id.slice(0, 8)}.`)
    await until(
      async () => ['approved', 'consumed'].includes(await dashboard.stateOf(id)),
      () => 'it was not approved',
    )
    expect(screen.screen()).not.toContain(PIN)
    screen.press('C-c')
    await screen.sees('[ended 0]')
  }, 180_000)

  test('without a terminal on both sides it does not start', async () => {
    const { spawnSync } = await import('node:child_process')
    const program = new URL('../../packages/gateway/bin/sallyport.js', import.meta.url).pathname
    const done = spawnSync(process.execPath, [program, '--state', dashboard.state, 'tui'], {
      encoding: 'utf8',
      input: 'a',
    })
    expect(done.status).not.toBe(0)
    expect(done.stderr).toContain('SP_CLI_NEEDS_TERMINAL')
  }, 60_000)
})
