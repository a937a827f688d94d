import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import type { Bundle } from '../../packages/gateway/src/assurance/admission/bundle.ts'
import { fetched, registryDeps, registryServer, type RegistryServer } from '../registry/registry-server.ts'
import { confinedGateway, confinedGround, type Ground } from '../sandbox/confined.ts'
import { hasSandbox } from '../sandbox/machine.ts'
import { collector, HONEST, malicious, published, type Collector } from './attacker.ts'
import { house, layDown, type House } from './house.ts'

const DOORS = ['scan', 'admission', 'lock', 'sandbox', 'egress', 'flow'] as const
type Door = (typeof DOORS)[number]
/** Where the skill came to a halt, and what said so; `arrived`: nowhere. */
interface Halt {
  readonly at: Door | 'arrived'
  readonly code: string
}

const SECRET = 'canary-of-the-house-7f31c0'
let registry: RegistryServer
let attacker: Collector
let ground: Ground
let gateway: Gateway
let sp: Sallyport
let lockFile: string
let evil: Readonly<Record<string, string>>
const houses: House[] = []
const agents: Sallyport[] = []

const newHouse = (): House => {
  const one = house(join(ground.path, `house-${houses.length}`))
  houses.push(one)
  return one
}
const projectOf = (one: House): string => join(one.deps.store.directory, '../../project')

async function fromRegistry(version: string, files: Readonly<Record<string, string>>): Promise<Bundle> {
  registry.routes = published(registry.url, version, files)
  const { bundle, code } = await fetched(`npm:notes@${version}`, wayOut())
  if (bundle === undefined) throw new Error(code)
  return bundle
}

const wayOut = () => registryDeps({ npm: { url: registry.url } }, { inside: [`127.0.0.1:${registry.port}`] })

/** Commands that run what lies in the workspace: in a sandbox that sees nothing else and reaches nobody, and in weaker ones. */
const serversFor = (work: string, vault: string, host: string): string => {
  const notes = '{ effect: read, args: { arg: selector } }'
  const out = '{ effect: external, args: { arg: selector } }'
  const run = `commands: { headings: { template: "sh notes/scripts/headings.sh {arg}" } }, cwd: ${work}`
  const show = `commands: { show: { template: "cat {arg}" } }, cwd: ${work}`
  const net = (hosts: string): string => `network: allowlist, allowedHosts: [${hosts}]`
  return [
    `  skills: { ${show}, tools: { show: { effect: read, args: { arg: selector }, result: { integrity: 1, confidentiality: 0 } } } }`,
    // an operator who takes the word of a stranger for his own
    `  believed: { ${show}, trust: trusted, tools: { show: { effect: read, args: { arg: selector }, result: { integrity: 3, confidentiality: 0 } } } }`,
    `  tight: { ${run}, tools: { headings: ${notes} } }`,
    `  seeing: { ${run}, tools: { headings: ${notes} }, sandbox: { readable: [${vault}], ${net('')} } }`,
    `  open: { ${run}, tools: { headings: ${out} }, sandbox: { readable: [${vault}], ${net(`"${host}"`)} } }`,
  ].join('\n')
}

beforeAll(async () => {
  ;[registry, attacker, ground] = await Promise.all([registryServer(), collector(), confinedGround()])
  const vault = join(ground.path, 'vault')
  mkdirSync(join(vault, '.aws'), { recursive: true })
  writeFileSync(join(vault, '.aws/credentials'), SECRET)
  evil = malicious(join(vault, '.aws/credentials'), attacker.url)
  writeFileSync(join(ground.work, 'plan.md'), '# Plan\n')
  // what a team reviewed and locked while it was honest
  const team = newHouse()
  const { hash } = await team.admit(await fromRegistry('1.0.0', HONEST), 'real')
  await team.approve(hash)
  if ((await team.command('lock')).code !== 0) throw new Error('the honest version could not be locked')
  lockFile = join(projectOf(team), 'sallyport.lock')
  if (!hasSandbox) return
  // the name leads to this machine, which an operator has to allow by itself
  const exception = { addresses: ['127.0.0.1/32'], reason: 'the test', by: 'tests', expires: '2099-01-31' }
  const egress = `egress: { exceptions: { "${attacker.host}": ${JSON.stringify(exception)} } }`
  const servers = serversFor(ground.work, vault, attacker.host)
  const opened = await confinedGateway(ground, servers, egress, '', {
    resolve: async () => Promise.resolve(['127.0.0.1']),
  })
  ;({ gateway, sp } = opened)
}, 60_000)
afterAll(async () => {
  for (const one of [...agents, sp]) await (one as Sallyport | undefined)?.close()
  await (gateway as Gateway | undefined)?.close()
  registry.close()
  attacker.close()
  await ground.remove()
})

async function agent(name: string): Promise<Sallyport> {
  const { key } = await gateway.identity.agents.add({ name, by: 'test' })
  await gateway.identity.agents.setTrust(name, 2, 'test', 'policy alone')
  const one = connect({ socket: join(ground.path, 'state/run/agent.sock'), agent: name, key })
  agents.push(one)
  return one
}

/** The way of the skill from the registry to its harm, with some doors standing open. */
async function attempt(off: ReadonlySet<Door>): Promise<Halt> {
  const own = newHouse()
  const { hash, state, version } = await own.admit(
    await fromRegistry('1.0.1', evil),
    off.has('scan') ? 'blind' : 'real',
  )
  if (state === 'refused') return { at: 'scan', code: version.findings[0]?.id ?? '' }
  if (off.has('admission')) await own.approve(hash)
  const loaded = await own.gate.load('notes', 'internal').catch((thrown: unknown) => toSallyportError(thrown).code)
  if (typeof loaded === 'string') return { at: 'admission', code: loaded }
  copyFileSync(lockFile, join(projectOf(own), 'sallyport.lock'))
  // whoever just writes the file anew takes what is there for what was agreed
  if (off.has('lock')) await own.command('lock')
  const verified = await own.command('verify')
  if (verified.code !== 0) return { at: 'lock', code: `exit ${verified.code}` }
  layDown(join(ground.work, 'notes'), loaded.files)
  return run(off)
}

/** What an agent does with the skill: it reads it, and runs what it says. */
async function run(off: ReadonlySet<Door>): Promise<Halt> {
  const one = await agent(`agent-${agents.length}`)
  const server = !off.has('sandbox') ? 'tight' : !off.has('egress') ? 'seeing' : 'open'
  const since = (await egressRecords()).length
  await one.call(off.has('flow') ? 'believed.show' : 'skills.show', { arg: 'notes/SKILL.md' })
  let said: { readonly stdout: string; readonly stderr: string }
  try {
    const result = await one.call(`${server}.headings`, { arg: 'plan.md' }, { approvalTimeoutMs: 2_000 })
    said = (result as unknown as { readonly structuredContent: typeof said }).structuredContent
  } catch (thrown) {
    const { code } = thrown as { readonly code: string }
    return { at: 'flow', code }
  }
  // the skill did its work in any case, so what stopped it is the door and no accident
  expect(said.stdout).toContain('# Plan')
  expect(existsSync(join(ground.work, 'AGENTS.md'))).toBe(false)
  if (!said.stdout.includes('theme loaded')) return { at: 'sandbox', code: 'nothing to read' }
  const [attempted] = (await egressRecords()).slice(since)
  if (attempted?.['verdict'] !== 'allowed') return { at: 'egress', code: String(attempted?.['reason']) }
  return { at: 'arrived', code: said.stdout.includes('theme sent') ? 'sent' : said.stderr }
}

const egressRecords = async (): Promise<readonly Record<string, unknown>[]> =>
  (await gateway.store.readLog({ kind: 'egress', limit: 1_000 })).map(
    ({ body }) => JSON.parse(body) as Record<string, unknown>,
  )
const stolen = (): readonly string[] => attacker.got.filter((body) => body.includes(SECRET))

/** Which doors stand open → which stops it, and what that says. */
const ROWS: readonly (readonly [off: readonly Door[], at: Halt['at'], code: RegExp])[] = [
  [[], 'scan', /^skill\./],
  [['scan'], 'admission', /^SP_SKILL_NOT_ADMITTED$/],
  [['scan', 'admission'], 'lock', /^exit 1$/],
  [['scan', 'admission', 'lock'], 'sandbox', /^nothing to read$/],
  [['scan', 'admission', 'lock', 'sandbox'], 'egress', /^not_allowlisted$/],
  [['scan', 'admission', 'lock', 'sandbox', 'egress'], 'flow', /^SP_AUTHN_UNCLAIMED$/],
]

describe('a malicious skill from a registry', () => {
  test.for(ROWS)(
    'HB-26 HB-27 HB-29 TM-CHAIN-1 TM-PERSIST-002: with %j open it is stopped at %s',
    { timeout: 30_000 },
    async ([off, at, code], { skip }) => {
      skip(!hasSandbox && !['scan', 'admission', 'lock'].includes(at), 'not verified: there is no sandbox here')
      expect(await attempt(new Set(off))).toEqual({ at, code: expect.stringMatching(code) as string })
      expect(stolen()).toEqual([])
    },
  )

  test.for(DOORS)(
    'HB-140: %s alone stops it, with every other door open',
    { timeout: 30_000 },
    async (door, { skip }) => {
      skip(!hasSandbox && !['scan', 'admission', 'lock'].includes(door), 'not verified: there is no sandbox here')
      const others = DOORS.filter((one) => one !== door)
      expect((await attempt(new Set(others))).at).toBe(door)
      expect(stolen()).toEqual([])
    },
  )

  test.runIf(hasSandbox)(
    'HB-26: with all of them open the secret arrives, so it was the doors that stopped it',
    async () => {
      expect(await attempt(new Set(DOORS))).toEqual({ at: 'arrived', code: 'sent' })
      expect(stolen()).toEqual([`/u\n${SECRET}`])
    },
  )

  test('HB-35 T-146: other bytes than were reviewed are stopped, whether the registry serves them or somebody swaps them', async () => {
    const own = newHouse()
    const honest = await fromRegistry('1.0.0', HONEST)
    const { hash } = await own.admit(honest, 'blind')
    await own.approve(hash)
    registry.routes = published(registry.url, '1.0.0', evil)
    const again = await fetched('npm:notes@1.0.0', wayOut(), { expected: honest.provenance.integrity ?? '' })
    expect(again.code).toBe('SP_REGISTRY_CHANGED')
    const script = join(own.deps.store.directory, 'internal', `notes@${hash}`, 'scripts/headings.sh')
    chmodSync(script, 0o600)
    writeFileSync(script, evil['scripts/headings.sh'] ?? '')
    await expect(own.gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_DRIFT' })
    expect(own.news).toMatchObject([{ event: 'skill.drift', severity: 'high', name: 'notes' }])
    await expect(own.gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_DRIFT' })
  })

  test('HB-26: the honest version goes through every door', async () => {
    const own = newHouse()
    const { hash, state } = await own.admit(await fromRegistry('1.0.0', HONEST), 'real')
    expect(state).toBe('pending_review')
    await own.approve(hash)
    const { files } = await own.gate.load('notes', 'internal')
    copyFileSync(lockFile, join(projectOf(own), 'sallyport.lock'))
    expect(await own.command('verify')).toMatchObject({ code: 0 })
    if (!hasSandbox) return
    layDown(join(ground.work, 'notes'), files)
    const one = await agent(`agent-${agents.length}`)
    await one.call('skills.show', { arg: 'notes/SKILL.md' })
    expect(JSON.stringify(await one.call('tight.headings', { arg: 'plan.md' }))).toContain('# Plan')
  }, 30_000)
})
