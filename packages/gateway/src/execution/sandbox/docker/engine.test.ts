import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { SANDBOX_PROFILES } from '@sallyport/core'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { seenAs } from '../processes.ts'
import { loadSeccompProfile } from '../seccomp-profiles.ts'
import { boundsOf } from './bounds.ts'
import { startDocker } from './docker.ts'
import { openEngine } from './engine.ts'
import { heardFrom } from './heard.ts'
import { imageOf } from './image.ts'
import { makerLabels, removeContainer, sweepContainers } from './made.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'sp-engine-')))
const host = process.env['DOCKER_HOST']
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  if (host === undefined) delete process.env['DOCKER_HOST']
  else process.env['DOCKER_HOST'] = host
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

interface Said {
  readonly status?: number
  readonly body?: string | Buffer
  /** Hangs up in the middle. */
  readonly breaks?: true
}
let sockets = 0
/** An engine that answers so, and what it was asked. */
async function engineSaying(answer: (asked: string) => Said) {
  const asked: { readonly line: string; readonly type: string | undefined; readonly body: string }[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const line = `${request.method} ${decodeURIComponent(request.url ?? '')}`
      asked.push({ line, type: request.headers['content-type'], body: body.toString() })
      const { status = 200, body: said = '{}', breaks } = answer(line)
      response.writeHead(status, { 'content-length': Buffer.byteLength(said) + (breaks === true ? 10 : 0) })
      if (breaks === true) response.write(said, () => response.destroy())
      else response.end(said)
    })
  })
  const socket = join(place, `sock-${sockets++}`)
  server.listen(socket)
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  process.env['DOCKER_HOST'] = `unix://${socket}`
  return { asked, engine: openEngine(), server }
}
const unavailable = (what: string) => ({
  code: 'SP_SANDBOX_UNAVAILABLE',
  detail: expect.stringContaining(what) as string,
})

describe('E-70: an engine', () => {
  it('that is not there cannot be opened', () => {
    process.env['DOCKER_HOST'] = `unix://${place}/none`
    expect(() => openEngine()).toThrow(expect.objectContaining(unavailable('no engine listens')) as Error)
  })

  it('is asked in JSON, or is handed an archive', async () => {
    const { asked, engine } = await engineSaying(() => ({ status: 201, body: '{"Id":"x"}' }))
    expect(await engine.ask('POST', '/a', { b: 1 })).toEqual({ status: 201, value: { Id: 'x' } })
    await engine.ask('POST', '/a', Buffer.from('tar'))
    await engine.ask('GET', '/a')
    expect(asked.map(({ type, body }) => [type, body])).toEqual([
      ['application/json', '{"b":1}'],
      ['application/x-tar', 'tar'],
      [undefined, ''],
    ])
  })

  it.each<readonly [string, Said, string]>([
    ['refuses', { status: 500, body: '{"message":"no space"}' }, 'the engine says "no space"'],
    ['refuses at length', { status: 500, body: `{"message":"${'x'.repeat(900)}"}` }, `"${'x'.repeat(300)}"`],
    ['refuses without a word', { status: 500, body: '{"message":5}' }, '"nothing"'],
    ['refuses in no JSON', { status: 404, body: '<html>' }, '"nothing"'],
    ['hangs up', { breaks: true }, 'no whole answer'],
    ['does not come to an end', { body: Buffer.alloc(5 << 20, 'x') }, 'no whole answer (too long)'],
  ])('that %s is of no use', async (_what, answer, said) => {
    const { engine } = await engineSaying(() => answer)
    await expect(engine.ask('GET', '/a')).rejects.toMatchObject(unavailable(said))
  })

  it('may say what is expected of it', async () => {
    const { engine } = await engineSaying(() => ({ status: 404, body: 'no JSON' }))
    expect(await engine.ask('GET', '/a', undefined, [404])).toEqual({ status: 404, value: undefined })
  })

  it('that has gone does not answer', async () => {
    const { engine, server } = await engineSaying(() => ({}))
    server.close()
    await once(server, 'close')
    await expect(engine.ask('GET', '/a')).rejects.toMatchObject(unavailable('does not answer'))
  })
})

describe('the image of a root', () => {
  it.each([
    ['was made before', true, 1],
    ['is made', false, 3],
  ])('%s', async (_what, before, times) => {
    let isThere = before
    const { asked, engine } = await engineSaying((line) => {
      if (line.startsWith('POST')) isThere = true
      return isThere ? { body: '{"Id":"sha256:1"}' } : { status: 404 }
    })
    expect(await imageOf(engine, [['/bin', 'usr/bin']])).toBe('sha256:1')
    expect(asked).toHaveLength(times)
  })

  it.each(['{}', '{"Id":5}', 'null', 'no JSON'])('an engine that says %s of it is of no use', async (body) => {
    const { engine } = await engineSaying(() => ({ body }))
    await expect(imageOf(engine, [])).rejects.toMatchObject(unavailable('which image'))
  })
})

describe('HB-141: containers of makers that are gone', () => {
  const namespace = readlinkSync('/proc/self/ns/pid')
  const container = (Id: string, label: string | undefined) => ({
    ...{ Id, Labels: label === undefined ? {} : { 'sallyport.maker': label } },
  })

  it('are removed, and no others', async () => {
    const { start } = seenAs(process.pid)
    const all = [
      container('gone', `${namespace} 4194303 1`),
      container('reused', `${namespace} ${process.pid} 1`),
      container('ours', Object.values(makerLabels())[0]),
      container('elsewhere', 'pid:[1] 4194303 1'),
      container('nobody', undefined),
    ]
    expect(Object.values(makerLabels())).toEqual([`${namespace} ${process.pid} ${start}`])
    const { asked, engine } = await engineSaying(() => ({ body: JSON.stringify(all) }))
    await sweepContainers(engine)
    const removed = asked.filter(({ line }) => line.startsWith('DELETE')).map(({ line }) => line)
    expect(removed.sort()).toEqual(['DELETE /containers/gone?force=true', 'DELETE /containers/reused?force=true'])
  })

  it('an engine that lists none, or cannot remove one, keeps nobody from starting', async () => {
    const { engine } = await engineSaying((line) => (line.startsWith('GET') ? { body: '5' } : { status: 500 }))
    await sweepContainers(engine)
    await removeContainer(engine, 'x')
  })
})

describe('what the porter says', () => {
  /** A child whose sixth descriptor says this. */
  const child = (script: string): ChildProcess => {
    const made = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'ignore', 'pipe'] })
    closing.push(() => made.kill('SIGKILL'))
    return made
  }

  it('is heard word by word, whatever comes with it', async () => {
    const heard = heardFrom(child('printf "open\\nfir" >&5; sleep 0.1; printf "st 12\\n" >&5; sleep 60'))
    expect(await heard('open')).toBe('')
    expect(await heard('first')).toBe('12')
    expect(await heard('first')).toBe('12')
  })

  it.each([
    ['before it says it', 'echo open >&5', 'first'],
    ['at once', 'exit 1', 'open'],
    ['by a signal', 'kill -9 $$', 'open'],
  ])('when it ends %s, that is said', async (_when, script, word) => {
    await expect(heardFrom(child(script))(word)).rejects.toMatchObject(unavailable('ended before it was ready'))
  })

  it('one that has ended, or never was, says nothing', async () => {
    const ended = child('exit 1')
    await once(ended, 'exit')
    await expect(heardFrom(ended)('open')).rejects.toMatchObject(unavailable('ended before it was ready'))
    const none = spawn('/no/such/program', { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'ignore', 'pipe'] })
    await expect(heardFrom(none)('open')).rejects.toMatchObject(unavailable('ended before it was ready'))
  })
})

it('AC-6.3.1: nothing is bounded of a process that is not there', () => {
  const { limits } = SANDBOX_PROFILES['work'] ?? {}
  if (limits === undefined) throw new Error('no profile')
  const faults = ['memory', 'pids', 'cpu'].map((name) => `its ${name} is not bounded`)
  expect(boundsOf(4_194_303, limits, 1)).toEqual({ kind: 'v2', faults })
})

describe('a container is not made', () => {
  const started = (command: readonly string[], env: Readonly<Record<string, string>> = {}, networked = false) => {
    const { work } = SANDBOX_PROFILES
    if (work === undefined) throw new Error('no profile')
    return startDocker({
      ...{ id: `engine-test-${sockets++}`, workspace: undefined, terminal: false, command, env },
      profile: { ...work, network: networked ? 'allowlist' : 'none' },
      seccomp: loadSeccompProfile('default'),
      stdio: ['ignore', 'ignore', 'ignore'],
    })
  }

  it.each([
    ['a word', ['sh', 'a\0b'], {}],
    ['a variable', ['sh'], { A: 'b\0c' }],
  ])('AC-3.3.1: for %s that no command line holds', async (_what, command, env) => {
    const { asked } = await engineSaying(() => ({ body: '{"Id":"x"}' }))
    await expect(started(command, env)).rejects.toMatchObject(unavailable('holds a NUL'))
    expect(asked).toEqual([])
  })

  it.each([
    ['says nothing of it', '{}', false, 'does not say what it has made'],
    ['says nothing of it, with a way out', '{}', true, 'does not say what it has made'],
    ['starts none', '{"Id":"x"}', false, 'the engine says "cannot"'],
  ])('AC-6.3.1: by an engine that %s, and nothing of it is left', async (_what, body, networked, said) => {
    const { asked } = await engineSaying((line) => {
      if (line.includes('/create?name')) return { body }
      if (line.endsWith('/start')) return { status: 500, body: '{"message":"cannot"}' }
      return { body: '{"Id":"sha256:1"}' }
    })
    await expect(started(['true'], {}, networked)).rejects.toMatchObject(unavailable(said))
    expect(asked.some(({ line }) => line === 'DELETE /containers/x?force=true')).toBe(body !== '{}')
  })
})
