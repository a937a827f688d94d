import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateway, loadConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { ask } from '../api/kit.ts'
import { install, type Installation } from '../hosts/installation.ts'

describe('what init wrote, while a gateway runs', () => {
  let machine: Installation
  let gateway: Gateway
  beforeAll(async () => {
    machine = await install({ trust: 0, prepare: (home) => mkdirSync(join(home, '.claude')) })
    gateway = machine.gateway
    await look()
  }, 120_000)
  afterAll(() => machine?.close(), 60_000)

  const settings = (): string => join(machine.site.home, '.claude', 'settings.json')
  const script = (): string => join(machine.site.stateDir, 'hooks', 'claude-code-claude-code.sh')
  const look = (): Promise<unknown> =>
    ask(
      { socketPath: join(machine.site.stateDir, 'run', 'operator.sock') },
      { method: 'POST', path: '/api/v1/health/check', body: {} },
    )
  let seen = 0
  /** Files of which the log tells since the last time, after a look. */
  const told = async (): Promise<readonly string[]> => {
    await look()
    const said = (await gateway.store.readLog({ kind: 'alert', limit: 1_000 }))
      .map(({ body }) => JSON.parse(body) as { name: string; severity: string; message: string })
      .filter(({ name }) => name === 'files.changed')
      .map(({ severity, message }) => `${severity} ${message.replaceAll(machine.root, '')}`)
    return said.slice(seen, (seen = said.length))
  }
  const edit = (path: string, change: (text: string) => string): void => {
    const before = readFileSync(path, 'utf8')
    const after = change(before)
    expect(after).not.toBe(before)
    writeFileSync(path, after)
  }

  test('TM-PERSIST-003: nothing is told of what is as it was, nor of what a host keeps for itself in the same file', async () => {
    expect(await told()).toEqual([])
    edit(settings(), (text) => text.replace('{', '{"model":"opus",'))
    expect(await told()).toEqual([])
  })

  test.each<[string, () => string, (text: string) => string]>([
    ['a hook client that allows everything', script, () => '#!/bin/sh\necho "{}"\n'],
    ['a hook client with one number changed', script, (text) => text.replace('exit 2', 'exit 0')],
    ['another program in place of our hook', settings, (text) => text.replace(/\/bin\/sh [^"]*/, '/bin/true')],
    ['a hook that fails open', settings, (text) => text.replace('"block"', '"continue"')],
    ['a hook that sees one tool', settings, (text) => text.replace('"*"', '"Bash"')],
    ['hooks switched off', settings, (text) => text.replace('{', '{"disableAllHooks":true,')],
    ['settings without our hooks', settings, () => '{}'],
    ['settings that cannot be read', settings, (text) => text.slice(1)],
    ['a configuration with one line more', () => machine.site.configPath, (text) => `${text}\n# more\n`],
  ])('TM-PERSIST-003: %s is an alert in the log, once', async (_name, path, change) => {
    const original = readFileSync(path(), 'utf8')
    edit(path(), change)
    const said = await told()
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^(?:high|medium) \S+ was changed: it was [0-9a-f]{16}, and is [0-9a-f]{16} now\.$/)
    expect(said[0]).toContain(path().replace(machine.root, ''))
    expect(await told()).toEqual([])
    writeFileSync(path(), original)
    expect(await told()).toHaveLength(1)
  })

  test('TM-PERSIST-003: a client that is gone, a link in its place and a further one are told of', async () => {
    const original = readFileSync(script(), 'utf8')
    rmSync(script())
    expect(await told()).toEqual([expect.stringMatching(/claude-code\.sh was removed\.$/)])
    symlinkSync('/dev/zero', script())
    expect(await told()).toEqual([expect.stringMatching(/claude-code\.sh is new, and cannot be read now\.$/)])
    rmSync(script())
    writeFileSync(script(), original)
    writeFileSync(join(machine.site.stateDir, 'hooks', 'more.sh'), 'x')
    expect(await told()).toHaveLength(2)
  })

  test('TM-PERSIST-003: what was changed while no gateway ran is told of at the next start, though the list of files is gone', async () => {
    await gateway.close()
    edit(settings(), () => '{"disableAllHooks":true}')
    appendFileSync(machine.site.configPath, '\n# again\n')
    const backups = join(machine.site.stateDir, 'backups')
    expect(readdirSync(backups).length).toBeGreaterThan(0)
    rmSync(backups, { recursive: true })
    const { configPath, stateDir } = machine.site
    const loaded = loadConfig(configPath, { env: {}, stateDir, now: Date.now() })
    gateway = await createGateway(loaded, { stateDir, operationalSink: () => undefined })
    try {
      await gateway.listen()
      const said = (await told()).join()
      expect(said).toContain('settings.json was changed')
      expect(said).toContain('sallyport.yaml was changed')
    } finally {
      await gateway.close()
    }
  }, 60_000)
})
