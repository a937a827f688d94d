import { createKnownSecrets, fingerprintOf, judgeKey, type KnownSecrets } from '@sallyport/core'

/** What of a server's entry in the configuration may hold secrets. */
interface ServerSettings {
  readonly env: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** `Bearer …`, `Basic …`: the scheme is no part of the secret. */
const SCHEME = /^[A-Za-z][A-Za-z-]*\s+/

/**
 * Values of variables and headers whose names say that they are secrets (HB-85). They are recognised wherever a server repeats them,
 * in results, errors and its log, though nothing about their form gives them away.
 * @param key 32 bytes, of this installation
 */
export function configuredSecrets(servers: Readonly<Record<string, ServerSettings>>, key: Uint8Array): KnownSecrets {
  const found = Object.entries(servers).flatMap(([alias, { env, headers }]) =>
    [...Object.entries(env), ...Object.entries(headers)].flatMap(([name, value]) =>
      judgeKey(name) === 'plain'
        ? []
        : [...new Set([value, value.replace(SCHEME, '')])].flatMap(
            (secret) => fingerprintOf(key, `${alias}.${name}`, 'setting', secret) ?? [],
          ),
    ),
  )
  return createKnownSecrets(key, found)
}
