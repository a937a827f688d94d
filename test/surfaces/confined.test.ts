import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasSandbox } from '../sandbox/machine.ts'
import { PROGRAM } from './hosts.ts'
import { openHouse, type House } from './house.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SALLYPORT = join(ROOT, 'packages/gateway/bin/sallyport.js')

describe.skipIf(!hasSandbox)('a public surface, confined by `sallyport run`', () => {
  let house: House
  let home: string
  let work: string
  beforeAll(async () => {
    house = await openHouse()
    home = mkdtempSync(join(tmpdir(), 'sallyport-visitors-'))
    work = join(home, 'shop')
    mkdirSync(join(work, 'run'), { recursive: true })
  }, 120_000)
  afterAll(async () => {
    await house.close()
    rmSync(home, { recursive: true, force: true })
  })

  const ask = (path: string, body?: object): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          ...{ socketPath: join(work, 'run', 'chat.sock'), path, headers: { 'content-type': 'application/json' } },
          method: body === undefined ? 'GET' : 'POST',
        },
        (answer) => {
          answer.resume()
          answer.on('end', () => resolve(answer.statusCode ?? 0))
        },
      )
      request.on('error', reject)
      request.end(body === undefined ? '' : JSON.stringify(body))
    })

  test('HB-22, HB-55: it serves visitors, and of the house there is nothing in its world', async () => {
    writeFileSync(join(work, 'shop.md'), 'You are the shop.')
    writeFileSync(
      join(work, 'shop.json'),
      JSON.stringify({
        ...{ surface: 'public', agent: 'visitor', prompt: 'shop.md', tools: ['kb.search'] },
        // nobody answers there: it is the loopback of the sandbox
        model: { api: 'openai', name: 'm', url: 'http://127.0.0.1:9' },
        listen: { socket: 'run/chat.sock' },
      }),
    )
    const command = [
      SALLYPORT,
      'run',
      '--state',
      house.state,
      '--agent',
      'visitor',
      '--workspace',
      work,
      '--show',
      ROOT,
    ]
    const look = join(work, 'world')
    const script = `ls /etc/sallyport/agents /etc/sallyport/run > ${look}; env | cut -d= -f1 | sort >> ${look}; exec "$@"`
    const inside = ['sh', '-c', script, 'sh', ...PROGRAM, join(work, 'shop.json')]
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, ADMIN_TOKEN: 'canary-of-the-house' }
    const child = spawn(process.execPath, [...command, '--', ...inside], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (part: Buffer) => (said += part.toString('utf8')))
    try {
      await expect.poll(() => said, { timeout: 60_000 }).toContain('public surface of visitor at')
      expect(await ask('/health')).toBe(200)
      expect(await ask('/chat', { message: 'hello' })).toBe(502)
      const world = readFileSync(look, 'utf8')
      expect(world).toContain('visitor')
      expect(world).toContain('agent.sock')
      expect(world).not.toMatch(/desk|coder|operator\.sock|ADMIN_TOKEN/)
      expect(readdirSync(join(house.state, 'agents')).sort()).toEqual(['coder', 'desk', 'visitor'])
      expect(existsSync(join(house.state, 'run', 'operator.sock'))).toBe(true)
    } finally {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
    }
  }, 240_000)
})
