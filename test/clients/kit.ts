import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import { confinedGround, type Ground } from '../sandbox/confined.ts'
import { startApis, type Apis } from './apis.ts'
import { CanaryScan } from './canary.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url))

export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A gateway whose server `tool` (and agent `a`) may use credentials of these APIs, each with a value of its own. */
export interface Clients {
  readonly ground: Ground
  readonly gateway: Gateway
  readonly apis: Apis
  /** By credential. */
  readonly values: Readonly<Record<string, string>>
  /** What the gateway has said to its operator. */
  readonly said: () => string
  /** All that came back from commands, as it came. */
  readonly answers: readonly unknown[]
  /** Runs a script of bash in a sandbox of its own; `$PORT` is that of the APIs. */
  readonly run: (script: string) => Promise<Ran>
  readonly scan: () => CanaryScan
  readonly close: () => Promise<void>
}

/**
 * @param credentials members of each credential besides `agents` and `base`, as YAML in one line
 * @param values of credentials that are no plain text, by credential
 */
export async function openClients(
  credentials: Readonly<Record<string, { readonly host?: string; readonly path?: string; readonly yaml: string }>>,
  given: Readonly<Record<string, string>> = {},
): Promise<Clients> {
  const ground = await confinedGround()
  const place = join(ground.path, 'apis')
  mkdirSync(place)
  const apis = await startApis(place)
  const authority = join(ground.path, 'authority.pem')
  writeFileSync(authority, apis.authority)
  writeFileSync(join(ground.path, 'all.cedar'), '// version: 1.0\n@id("all")\npermit (principal, action, resource);\n')
  cpSync(FIXTURES, ground.work, { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(ground.work, 'node_modules'))
  const lines = Object.entries(credentials).map(
    ([name, { host = name, path = '', yaml }]) =>
      `  ${name}: { agents: ["server:tool", a], base: "https://${host}.localhost:${apis.port}${path}", ${yaml} }`,
  )
  const sandbox = `{ extends: tool, workspace: rw, network: allowlist, seccomp: network, readable: [${join(ROOT, 'node_modules')}] }`
  const config = `version: 1
policies: [./all.cedar]
egress: { authorities: [${authority}], limits: { requestsPerMinute: 6000, burst: 1000 } }
credentials:
${lines.join('\n')}
servers:
  tool: { trust: trusted, commands: { line: {} }, cwd: ${ground.work}, sandbox: ${sandbox} }
`
  const stateDir = join(ground.path, 'state')
  const sources = { env: {}, stateDir, now: Date.now() }
  const said: string[] = []
  const gateway = await createGateway(parseConfig(config, join(ground.path, 'sallyport.yaml'), sources), {
    stateDir,
    operationalSink(text, done) {
      said.push(text)
      done()
    },
  })
  await gateway.listen()
  const vault = await gateway.credentials.vault()
  const values = Object.fromEntries(
    Object.keys(credentials).map((name) => [name, given[name] ?? `canary/${name}+0123456789=${name}`]),
  )
  for (const [name, value] of Object.entries(values))
    await vault.set(name, Buffer.from(value), { type: 'api_key' }, 'test')
  const { key } = await gateway.identity.agents.add({ name: 'a', by: 'test' })
  await gateway.identity.agents.setTrust('a', 2, 'test', 'policy alone')
  const sp: Sallyport = connect({ socket: join(stateDir, 'run', 'agent.sock'), agent: 'a', key })
  const answers: unknown[] = []
  let count = 0
  return {
    ...{ ground, gateway, apis, values, answers, said: () => said.join('') },
    async run(script) {
      // as a file: how it looks as a command line is not what is tried here
      const name = `do-${++count}.sh`
      writeFileSync(join(ground.work, name), `PORT=${apis.port}\nexport PORT\n${script}\n`)
      const answer = sp.call('tool.line', { command: `bash ${name}` })
      answers.push(await answer.catch((thrown: unknown) => ({ thrown })))
      return ((await answer) as unknown as { readonly structuredContent: Ran }).structuredContent
    },
    scan: () => new CanaryScan(values),
    async close() {
      await sp.close()
      await gateway.close()
      apis.close()
      await ground.remove()
    },
  }
}

/** What a vendor's client is told of its credential in a sandbox: nothing. */
export const placeholder = (name: string): string => `sallyport-lease-${name}`

export const textAt = (clients: Clients, name: string): string => readFileSync(join(clients.ground.work, name), 'utf8')
