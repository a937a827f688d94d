import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { StdioServerSpec } from './spec.ts'
import { StdioTransport } from './stdio-transport.ts'

const place = mkdtempSync(join(tmpdir(), 'sp-stdio-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const open: StdioTransport[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

/** A child process of this command line, and all that is heard of it. */
function child(command: readonly string[], more: Partial<StdioServerSpec> = {}, graceMs = 100) {
  const spec: StdioServerSpec = { alias: 'a', transport: 'stdio', command, env: {}, timeoutMs: 1_000, ...more }
  const heard = { said: [] as string[], violations: [] as string[], closed: [] as string[], logged: [] as string[] }
  const transport = new StdioTransport(spec, {
    confine: () => Promise.reject(new Error('no sandbox in these tests')),
    environment: { PATH: process.env['PATH'], LANG: undefined, SECRET: 'of the gateway' },
    ...{ maxMessageBytes: 65_536, graceMs },
    log: (_message, { text }) => void heard.logged.push(String(text)),
  })
  open.push(transport)
  const start = () =>
    transport.start({
      message: (text) => void heard.said.push(text),
      lost: () => undefined,
      violation: (reason) => void heard.violations.push(reason),
      closed: (reason) => void heard.closed.push(reason),
    })
  return { transport, start, heard }
}
const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script]
const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

describe('a server that does not start', () => {
  const locked = join(place, 'locked')
  writeFileSync(locked, '#!/bin/sh\n')
  chmodSync(locked, 0o600)
  it.each([
    ['has no command', [], 'has no command'],
    ['is not there', [join(place, 'none')], 'not found'],
    ['may not be run', [locked], 'EACCES'],
  ])('T-086: because it %s', async (_what, command, reason) => {
    const { start, transport } = child(command)
    await expect(start()).rejects.toMatchObject({
      code: 'SP_MCP_UPSTREAM_FAILED',
      detail: expect.stringContaining(reason),
    })
    await expect(transport.send({ text: '{}' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
  })

  it('because its directory is not there', async () => {
    await expect(child(shell('exit'), { cwd: join(place, 'none') }).start()).rejects.toMatchObject({
      detail: expect.stringContaining('not found'),
    })
  })
})

describe('a server that runs', () => {
  it.each([
    ['exit 7', 'exited with code 7'],
    ['kill -9 $$', 'was ended by SIGKILL'],
  ])('T-156: and ends is told of: %s', async (script, reason) => {
    const { start, heard, transport } = child(shell(script))
    await start()
    await expect.poll(() => heard.closed.join()).toContain(reason)
    await expect(transport.send({ text: '{}' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
    await transport.close()
    expect(heard.closed).toHaveLength(1)
  })

  it('T-086: has of the environment what is listed and there, and its own', async () => {
    const { start, heard } = child(['/usr/bin/env'], { env: { OWN: '1' } })
    await start()
    await expect.poll(() => heard.closed.length).toBe(1)
    // Node adds the first of itself where coverage is measured
    const names = heard.said.map((line) => line.split('=')[0]).filter((name) => name !== 'NODE_V8_COVERAGE')
    expect(names.sort()).toEqual(['OWN', 'PATH'])
  })

  it('SYS-14: is told one message in one line, whatever line breaks it was written with', async () => {
    const { transport, start, heard } = child(['/bin/cat'])
    await start()
    await transport.send({ text: '{\n"a":1\n}' })
    await transport.send({ text: '{"b":2}' })
    await expect.poll(() => heard.said).toEqual(['{ "a":1 }', '{"b":2}'])
    transport.established()
    expect(transport.abandon()).toBe(false)
  })

  it('T-156: and does not read is not written to without bound', async () => {
    const { transport, start } = child(shell('exec sleep 60'))
    await start()
    const text = `"${'x'.repeat(6 << 20)}"`
    for (let n = 0; n < 3; n++) await transport.send({ text })
    await expect(transport.send({ text })).rejects.toMatchObject({
      ...{ code: 'SP_MCP_UPSTREAM_FAILED', detail: 'The server does not read what it is sent.' },
    })
  })

  it('T-156: and breaks the framing is told of, line by line', async () => {
    const long = `head -c 70000 /dev/zero | tr '\\0' x`
    const { start, heard } = child(shell(`${long}; printf '\\n\\377\\376\\n   \\n{"a":1}\\n'`))
    await start()
    await expect.poll(() => heard.said).toEqual(['{"a":1}'])
    expect(heard.violations).toEqual(['A line is longer than 65536 bytes.', 'A line is not UTF-8.'])
  })

  it('T-156: and floods its log is heard fifty lines a second', async () => {
    const long = `head -c 5000 /dev/zero | tr '\\0' x >&2; echo >&2`
    const { start, heard } = child(shell(`${long}; i=0; while [ $i -lt 2000 ]; do echo line >&2; i=$((i+1)); done`))
    await start()
    await expect.poll(() => heard.closed.length, { timeout: 10_000 }).toBe(1)
    expect(heard.logged[0]).toBe('(line too long)')
    expect(heard.logged.length).toBeGreaterThan(49)
    expect(heard.logged.length).toBeLessThan(1_000)
  })
})

describe('T-156: the end of a server', () => {
  it.each([
    ['that goes when its input ends', 'cat >/dev/null', 2_000],
    ['that goes at a signal', 'exec sleep 60', 4_000],
    ['that ignores signals', `trap '' TERM; while :; do sleep 1; done`, 4_000],
  ])('one %s', async (_what, script, most) => {
    const { transport, start, heard } = child(shell(`echo $$; ${script}`))
    await start()
    await expect.poll(() => heard.said.length).toBe(1)
    const from = performance.now()
    await transport.close()
    expect(performance.now() - from).toBeLessThan(most)
    expect(isAlive(Number(heard.said[0]))).toBe(false)
    expect(heard.closed).toEqual([])
  })

  it('takes with it what the server left behind in its group', async () => {
    const { transport, start, heard } = child(shell('sleep 60 >/dev/null 2>&1 & echo $!; cat >/dev/null'))
    await start()
    await expect.poll(() => heard.said.length).toBe(1)
    const left = Number(heard.said[0])
    expect(isAlive(left)).toBe(true)
    await transport.close()
    await expect.poll(() => isAlive(left)).toBe(false)
  })

  it('nothing that it says after it was ended is heard', async () => {
    const { transport, start, heard } = child(
      shell(`trap 'echo late; exit' TERM; echo $$; while :; do sleep 0.1; done`),
    )
    await start()
    await expect.poll(() => heard.said.length).toBe(1)
    await transport.close()
    expect(heard.said).toHaveLength(1)
  })
})
