import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { connect, DeniedError, type ConnectOptions, type Sallyport } from '@sallyport/sdk'
import { createEntry } from './entry.ts'
import { secretsIn } from './environment.ts'
import { readSettings, SettingsError, type Settings } from './settings.ts'

const say = (line: string): void => void process.stderr.write(`sallyport-surface: ${line}\n`)
const USAGE = 'Usage: sallyport-surface SETTINGS.json'

/** Runs one surface until it is told to stop. One process, one agent, one prompt, one way in (HB-82). */
async function main(args: readonly string[]): Promise<number> {
  const [file, ...rest] = args
  if (file === undefined || rest.length > 0) return fail(2, USAGE)
  const secrets = secretsIn(process.env)
  if (secrets.length > 0)
    return fail(
      3,
      `Not started: ${secrets.join(', ')} may hold a credential. Start it with \`sallyport run\`, or without these variables.`,
    )
  try {
    const settings = readSettings(file, process.env)
    await check(settings)
    return await serve(settings)
  } catch (thrown) {
    if (thrown instanceof SettingsError || thrown instanceof DeniedError) return fail(2, thrown.message)
    throw thrown
  }
}

function fail(code: number, line: string): number {
  say(line)
  return code
}

function gatewayOf({ agent, gateway }: Settings): ConnectOptions {
  if ('url' in gateway) return { agent, url: gateway.url, key: readFileSync(gateway.keyFile, 'utf8').trim() }
  const { state } = gateway
  return { agent, socket: join(state, 'run', 'agent.sock'), credentialFile: join(state, 'agents', agent, 'credential') }
}

/** The gateway says whom this agent faces; a prompt for strangers is never given the tools of the house, nor the other way round. */
async function check(settings: Settings): Promise<void> {
  const { surface, tools } = settings
  const gateway = connect(gatewayOf(settings))
  try {
    const who = await gateway.who()
    if (who.surface !== surface)
      throw new SettingsError(`The agent ${who.agent} is ${who.surface}, and this surface is ${surface}.`)
    const offered = (await gateway.tools()).map(({ id }) => id)
    for (const tool of tools.filter((id) => !offered.includes(id))) say(`the gateway does not offer ${tool}`)
  } finally {
    await gateway.close()
  }
}

async function serve(settings: Settings): Promise<number> {
  const { listen, surface, agent } = settings
  const options = gatewayOf(settings)
  const open = (session: string): Sallyport => connect({ ...options, session, purpose: `${surface} surface` })
  const entry = createEntry({ settings, open, now: () => performance.now(), log: say })
  await new Promise<void>((resolve, reject) => {
    entry.server.once('error', reject)
    if ('port' in listen) entry.server.listen(listen, resolve)
    else {
      clear(listen.socket)
      const mask = process.umask(0o177)
      entry.server.listen(listen.socket, resolve)
      process.umask(mask)
    }
  })
  if ('socket' in listen) chmodSync(listen.socket, surface === 'admin' ? 0o600 : 0o660)
  const address = entry.server.address()
  const where = typeof address === 'string' || address === null ? String(address) : `${address.address}:${address.port}`
  say(`${surface} surface of ${agent} at ${where}`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await entry.close()
  return 0
}

/** A socket that an earlier run left; anything else there is not ours to remove. @throws SettingsError */
function clear(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!there.isSocket()) throw new SettingsError(`${path} is there and is no socket.`)
  rmSync(path)
}

process.exitCode = await main(process.argv.slice(2))
