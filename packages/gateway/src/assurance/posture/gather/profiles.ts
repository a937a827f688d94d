import { toSallyportError, type JsonObject } from '@sallyport/core'
import { loadSandboxProfile } from '../../../config/sandbox-profile.ts'
import type { Config } from '../../../config/schema.ts'
import { known, unseen, type Looked, type ProfileFact } from '../facts.ts'

/** The sandbox profiles that a configuration names, as they are in force. */
export function gatherProfiles({ servers, sandbox }: Config, baseDir: string): Looked<readonly ProfileFact[]> {
  const named = [
    ...Object.entries(servers).map(([name, server]) => [`servers.${name}.sandbox`, server.sandbox] as const),
    ['sandbox.wrapped', sandbox.wrapped] as const,
  ]
  try {
    return known(
      named.flatMap(([at, given]) =>
        given === undefined ? [] : [{ at, profile: loadSandboxProfile(given as string | JsonObject, baseDir) }],
      ),
    )
  } catch (thrown) {
    return unseen(`A sandbox profile cannot be read: ${toSallyportError(thrown).message}`)
  }
}
