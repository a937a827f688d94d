import { chmodSync, existsSync, lstatSync } from 'node:fs'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { fail, ok, warn, type Check, type Finding } from './check.ts'

/** What this release knows from the vendor's pages alone. */
const UNVERIFIED: Readonly<Record<keyof Config['vault']['backends'], string>> = {
  hashicorp: 'HashiCorp Vault or OpenBao',
  aws: 'AWS Secrets Manager',
  supabase: 'Supabase Vault',
}

/** Where values and master keys come from: what was never tried against the real thing, and logins that others can read (HB-84). */
export const vaultCheck: Check = ({ site, env, now }) => {
  if (!existsSync(site.configPath)) return Promise.resolve([])
  let vault: Config['vault']
  try {
    ;({ vault } = loadConfig(site.configPath, { env, stateDir: site.stateDir, now }).config)
  } catch {
    // said by the check of the configuration
    return Promise.resolve([])
  }
  const { key, backends } = vault
  const names = Object.entries(UNVERIFIED).flatMap(([name, called]) =>
    backends[name as keyof typeof UNVERIFIED] === undefined ? [] : [called],
  )
  if (key.source === 'kms') names.push('aws' in key.service ? 'AWS KMS' : 'the transit engine of HashiCorp Vault')
  const findings = names.map((called) =>
    warn(
      'vault',
      `${called} is used as its documentation describes it; this release is not verified against a live server.`,
      'Try it with a credential that matters little, and look at `sallyport credentials usage`.',
    ),
  )
  findings.push(...loginsOf(vault).flatMap(openLogin))
  return Promise.resolve(findings.length > 0 ? findings : [ok('vault', 'Values come from this machine.')])
}

/** Files with what the gateway logs in with. */
function loginsOf({ key, backends: { hashicorp, supabase } }: Config['vault']): readonly string[] {
  const ofKey = key.source === 'kms' && 'hashicorp' in key.service ? key.service.hashicorp.token : undefined
  return [hashicorp?.token, supabase?.url, ofKey].flatMap((from) =>
    from === undefined || 'env' in from ? [] : [from.file],
  )
}

function openLogin(path: string): Finding[] {
  if (!existsSync(path))
    return [fail('vault-login', `${path} does not exist.`, 'Put the token there, or name another.')]
  const { mode } = lstatSync(path)
  if ((mode & 0o077) === 0) return []
  const tighten = (): void => chmodSync(path, mode & 0o700)
  return [fail('vault-login', `${path} can be read by others.`, `chmod go-rwx '${path}'`, tighten)]
}
