import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { makeDirectory } from '../store/temporary.ts'
import { openReceiver, until } from './kit.ts'

const CHILD = fileURLToPath(new URL('./killed-child.ts', import.meta.url))
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const ROUNDS = 4

interface Message {
  readonly notice: string
  readonly alert: { readonly agent: string }
}

it('ND-5.2.a SC5: killed in the middle, round after round, every denial that was answered is told, under one id', async () => {
  const receiver = await openReceiver()
  const directory = makeDirectory()
  const keyFile = join(directory, 'keys.json')
  const { privateKey } = generateKeyPairSync('ed25519')
  const checkpointKey = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('hex')
  writeFileSync(keyFile, JSON.stringify({ mac: randomBytes(32).toString('hex'), checkpointKey }))
  const hook = { type: 'webhook', url: receiver.url, secret: 'a shared secret of thirty-two characters or more' }
  const config = JSON.stringify({ sinks: { hook }, delivery: { retry: 0.05, timeout: 2 } })
  const start = (round: number, most: number) => {
    const args = ['--conditions=source', '--import', LOADER, CHILD, directory, keyFile, config, `${round}`, `${most}`]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    return { child, lines: () => said.split('\n').slice(0, -1).slice(1) }
  }
  const answered = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    // half of the time nobody takes messages, so that they wait when the process dies
    receiver.answer = round % 2 === 0 ? 503 : 200
    const { child, lines } = start(round, 100_000)
    await until(() => lines().length >= 12 + round * 7, 60_000)
    child.kill('SIGKILL')
    await once(child, 'close')
    for (const agent of lines()) answered.add(agent)
  }
  receiver.answer = 200
  const last = start(ROUNDS, 0)
  const messages = () => receiver.got.map(({ body }) => JSON.parse(body) as Message)
  const told = () => new Set(messages().map(({ alert }) => alert.agent))
  await until(() => [...answered].every((agent) => told().has(agent)), 90_000)
  last.child.kill()
  const ids = new Map<string, Set<string>>()
  for (const { notice, alert } of messages()) ids.set(alert.agent, (ids.get(alert.agent) ?? new Set()).add(notice))
  expect([...ids.values()].every((of) => of.size === 1)).toBe(true)
  expect(answered.size).toBeGreaterThan(60)
}, 240_000)
