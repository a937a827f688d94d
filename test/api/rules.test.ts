import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RELEASE_KEYS } from '@sallyport/core'
import { verifyPack } from '@sallyport/core/detect/rules/verify-pack'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { HOUSE_KEY, housePack } from '../../packages/gateway/src/control/content/rules/fixtures/house-pack.ts'
import { ask, temporaryDirectory } from './kit.ts'

const SHIPPED = new URL('../../rules/packs/additional.json', import.meta.url)

let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let gateway: Gateway
const stateDir = (): string => join(folder.path, 'state')
const start = async (): Promise<Gateway> => {
  const config = `version: 1\nrules: { keys: ['${HOUSE_KEY.publicKey}'] }\n`
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), {
    env: {},
    stateDir: stateDir(),
    now: Date.now(),
  })
  const made = await createGateway(loaded, { stateDir: stateDir() })
  await made.listen()
  return made
}
const operator = (method: 'GET' | 'POST', path: string, body?: object) =>
  ask(
    { socketPath: join(stateDir(), 'run', 'operator.sock') },
    { method, path, ...(body === undefined ? {} : { body }) },
  )
const version = async (): Promise<number | undefined> =>
  (await operator('GET', '/api/v1/rules')).body.packs[0]?.version.number
const recorded = async (): Promise<readonly string[]> =>
  (await gateway.store.readLog({ limit: 100 }))
    .map(({ body }) => JSON.parse(body) as Record<string, string>)
    .filter(({ event }) => event?.startsWith('rules.'))
    .map(({ event, code, source }) => `${source} ${event}${code === undefined ? '' : ` ${code}`}`)

beforeEach(async () => {
  folder = await temporaryDirectory()
  gateway = await start()
})
afterEach(async () => {
  await gateway.close()
  await folder.remove()
})

describe('rule packs of a running gateway', () => {
  it('HB-19: take effect at once, older and forged ones are refused, all of it is recorded', async () => {
    expect(await version()).toBeUndefined()
    expect((await operator('POST', '/api/v1/rules/update', { pack: housePack(2) })).status).toBe(200)
    expect(await version()).toBe(2)
    const older = await operator('POST', '/api/v1/rules/update', { pack: housePack(1) })
    expect([older.status, older.body.code]).toEqual([409, 'SP_RULES_OLDER'])
    const forged = await operator('POST', '/api/v1/rules/update', { pack: { ...housePack(3), name: 'home' } })
    expect([forged.status, forged.body.code]).toEqual([403, 'SP_RULES_SIGNATURE'])
    expect(await version()).toBe(2)
    expect(await recorded()).toEqual([
      'api rules.installed',
      'api rules.refused SP_RULES_OLDER',
      'api rules.refused SP_RULES_SIGNATURE',
    ])
    await gateway.close()
    gateway = await start()
    expect(await version()).toBe(2)
  })

  it('HB-19: a pack that is put into the state directory is in force within two seconds', async () => {
    const directory = join(stateDir(), 'rules')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, '.fresh'), JSON.stringify(housePack(5)))
    await rename(join(directory, '.fresh'), join(directory, 'house.json'))
    await expect.poll(version, { timeout: 2_000, interval: 50 }).toBe(5)
    expect(await recorded()).toEqual(['file rules.installed'])
  })

  it('HB-19: the pack that is shipped holds under the key of the product', async () => {
    const verdict = verifyPack(new Uint8Array(await readFile(SHIPPED)), RELEASE_KEYS)
    expect(verdict.ok ? verdict.pack.rules.length : verdict.detail).toBeGreaterThan(2)
  })
})
