import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import {
  parseSandboxProfile,
  SallyportError,
  SANDBOX_PROFILES,
  type Json,
  type JsonObject,
  type SandboxProfile,
} from '@sallyport/core'
import { parse } from 'yaml'

/**
 * A sandbox profile: by its shipped name, from a YAML or JSON file, or members that replace those of `parent`.
 * @throws SallyportError SP_SANDBOX_PROFILE
 */
export function loadSandboxProfile(given: string | JsonObject, baseDir: string, parent = 'server'): SandboxProfile {
  if (typeof given !== 'string') return parseSandboxProfile('sandbox', { extends: parent, ...given })
  const name = given
  const shipped = Object.hasOwn(SANDBOX_PROFILES, name) ? SANDBOX_PROFILES[name] : undefined
  if (shipped !== undefined) return shipped
  if (!/[./]/.test(name)) {
    const names = Object.keys(SANDBOX_PROFILES).join(', ')
    throw new SallyportError(
      'SP_SANDBOX_PROFILE',
      `There is no profile ${JSON.stringify(name)}; there are ${names}, or a file.`,
    )
  }
  let json: Json
  try {
    json = parse(readFileSync(resolve(baseDir, name), 'utf8')) as Json
  } catch (cause) {
    throw new SallyportError('SP_SANDBOX_PROFILE', `${name} cannot be read as YAML.`, { cause })
  }
  return parseSandboxProfile(basename(name), json)
}
