import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Examination } from '../../packages/gateway/src/cli/doctor/check.ts'
import { vaultCheck } from '../../packages/gateway/src/cli/doctor/vault.ts'
import { makeDirectory } from '../store/temporary.ts'

function ground(vault: string) {
  const directory = makeDirectory()
  const configPath = join(directory, 'sallyport.yaml')
  writeFileSync(configPath, `version: 1\npolicies: [preset:balanced]\n${vault}`)
  const site = { configPath, stateDir: join(directory, 'state') } as Examination['site']
  const on = { site, env: {}, uid: 0, now: Date.now() } as Examination
  return { directory, look: () => vaultCheck(on) }
}

describe('doctor on the vault', () => {
  it.each([
    ['hashicorp', 'backends: { hashicorp: { address: "https://vault.example.com", token: { env: T } } }', /HashiCorp/],
    ['aws', 'backends: { aws: { region: eu-central-1 } }', /AWS Secrets Manager/],
    ['supabase', 'backends: { supabase: { url: { env: U } } }', /Supabase Vault/],
    ['kms', 'key: { source: kms, service: { aws: { keyId: alias/a, region: eu-central-1 } } }', /AWS KMS/],
  ])('HB-84: says of %s that it is not verified against a live server', async (_name, vault, called) => {
    const findings = await ground(`vault: { ${vault} }`).look()
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ id: 'vault', status: 'warn' })
    expect(findings[0]?.detail).toMatch(called)
    expect(findings[0]?.detail).toContain('not verified against a live server')
  })

  it('HB-84: says nothing of the kind where values come from this machine, nor where there is no configuration', async () => {
    expect(await ground('').look()).toMatchObject([{ status: 'ok' }])
    expect(await ground('vault: { nonsense: 1 }').look()).toEqual([])
  })

  it('TM-ACCESS-003, T-057: a login that others can read is a failure that --fix repairs', async () => {
    const { directory } = ground('')
    const token = join(directory, 'token')
    const { look } = ground(
      `vault: { backends: { hashicorp: { address: "https://vault.example.com", token: { file: "${token}" } } } }`,
    )
    expect((await look()).map(({ status }) => status)).toEqual(['warn', 'fail'])
    writeFileSync(token, 'a token')
    chmodSync(token, 0o644)
    const found = (await look()).find(({ id }) => id === 'vault-login')
    expect(found?.detail).not.toContain('a token')
    found?.tighten?.()
    expect(statSync(token).mode & 0o777).toBe(0o600)
    expect((await look()).map(({ status }) => status)).toEqual(['warn'])
  })
})
