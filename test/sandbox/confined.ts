import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGateway, parseConfig, type Gateway, type GatewayDeps } from '../../packages/gateway/src/index.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import { temporaryDirectory } from '../api/kit.ts'

/** A directory for a gateway that runs things confined: a workspace, and a file beside it that nothing inside may see. */
export interface Ground {
  readonly path: string
  readonly work: string
  readonly outside: string
  remove(): Promise<void>
}

export async function confinedGround(): Promise<Ground> {
  const folder = await temporaryDirectory()
  chmodSync(folder.path, 0o755)
  const [work, outside] = [join(folder.path, 'work'), join(folder.path, 'outside')]
  mkdirSync(work)
  writeFileSync(outside, 'canary-of-the-host')
  return { path: folder.path, work, outside, remove: () => folder.remove() }
}

/** A gateway on it with this configuration, behind its `version`. */
export async function openConfinedGateway(
  { path }: Ground,
  config: string,
  deps: Partial<GatewayDeps> = {},
): Promise<Gateway> {
  const stateDir = join(path, 'state')
  const loaded = parseConfig(`version: 1\n${config}`, join(path, 'sallyport.yaml'), {
    env: {},
    stateDir,
    now: Date.now(),
  })
  const gateway = await createGateway(loaded, { stateDir, operationalSink: (_text, done) => done(), ...deps })
  await gateway.listen()
  return gateway
}

/** One that allows everything but what these rules forbid, with these servers, and an agent that policy alone holds. */
export async function confinedGateway(
  ground: Ground,
  servers: string,
  more = '',
  rules = '',
  deps: Partial<GatewayDeps> = {},
): Promise<{ readonly gateway: Gateway; readonly sp: Sallyport }> {
  const all = '@id("all")\npermit (principal, action, resource);\n'
  writeFileSync(join(ground.path, 'all.cedar'), `// version: 1.0\n${all}${rules}`)
  const gateway = await openConfinedGateway(ground, `policies: [./all.cedar]\n${more}\nservers:\n${servers}`, deps)
  const { key } = await gateway.identity.agents.add({ name: 'a', by: 'test' })
  await gateway.identity.agents.setTrust('a', 2, 'test', 'policy alone')
  return { gateway, sp: connect({ socket: join(ground.path, 'state', 'run', 'agent.sock'), agent: 'a', key }) }
}
