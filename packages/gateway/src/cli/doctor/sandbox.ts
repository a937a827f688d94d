import { existsSync } from 'node:fs'
import { toSallyportError } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load.ts'
import { loadSandboxProfile } from '../../config/sandbox-profile.ts'
import type { InForce } from '../../execution/sandbox/sandbox.ts'
import { loadSeccompProfile } from '../../execution/sandbox/seccomp-profiles.ts'
import { SANDBOX_MODES, startSandbox } from '../../execution/sandbox/start.ts'
import { systemRandom } from '../../random.ts'
import { fail, ok, warn, type Check, type Examination } from './check.ts'

/** What whoever runs a tool here should know: only these are less than the profile says. */
const WEAKER: readonly (readonly [(inForce: InForce) => boolean, string])[] = [
  [({ processLimit }) => processLimit === 'user', 'its bound on processes is one over all of this account'],
  [({ memoryLimit }) => memoryLimit === 'process', 'its bound on memory is one for each process'],
  [({ cgroup }) => cgroup === 'none', 'there are no control groups, so processors are not bounded'],
]

/** Makes the sandbox that the configuration asks for, as a call would, and looks at it (SEC-6.3, E-70). */
export const sandboxCheck: Check = async (on) => {
  const mode = modeOf(on)
  if (mode === 'off')
    return [
      warn('sandbox', 'It is off: commands and servers have the rights of the gateway.', 'Set sandbox.mode: auto.'),
    ]
  const profile = loadSandboxProfile('work', on.io.cwd)
  try {
    const order = {
      ...{ profile, id: systemRandom.uuid(), seccomp: loadSeccompProfile(profile.seccomp), command: ['true'] },
      ...{ workspace: undefined, env: {}, stdio: ['ignore', 'ignore', 'ignore'] as const, terminal: false },
    }
    const { inForce, exited } = await startSandbox(order, SANDBOX_MODES[mode])
    const { code } = await exited
    if (code !== 0)
      return [fail('sandbox', `${inForce.backend} ran a program that ended with ${code}.`, 'sallyport sandbox probe')]
    const said = [
      ...WEAKER.filter(([is]) => is(inForce)).map(([, what]) => what),
      ...inForce.unverified.map((what) => `not verified: ${what}`),
    ]
    return [ok('sandbox', [`${inForce.backend} confines, and was looked at from outside`, ...said].join('; ') + '.')]
  } catch (thrown) {
    const { message, entry } = toSallyportError(thrown)
    return [fail('sandbox', `Commands and servers are refused: ${message}`, entry.next)]
  }
}

/** What an invalid configuration asks for is another check's to say. */
function modeOf({ site, now }: Examination): keyof typeof SANDBOX_MODES {
  try {
    const given = { env: environment(), stateDir: site.stateDir, now }
    return existsSync(site.configPath) ? loadConfig(site.configPath, given).config.sandbox.mode : 'auto'
  } catch {
    return 'auto'
  }
}
