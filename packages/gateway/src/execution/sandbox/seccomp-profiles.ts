import { readFileSync } from 'node:fs'
import { learningProfile, parseSeccompProfile, SallyportError, type Json, type SeccompProfile } from '@sallyport/core'
import { RULES } from '../../places.ts'

const SHIPPED = `${RULES}seccomp/`
const NAMES = ['default', 'network']
/** Refuses nothing and tells the kernel's log of what the network profile would refuse. */
const LEARN = 'learn'

/**
 * A seccomp profile by its shipped name, or by the path of a file in the JSON form of Docker and OCI (AC-6.2.2).
 * @throws SallyportError SP_SANDBOX_PROFILE
 */
export function loadSeccompProfile(name: string): SeccompProfile {
  if (name === LEARN) return learningProfile(loadSeccompProfile('network'))
  const file = NAMES.includes(name) ? `${SHIPPED}${name}.json` : name
  if (!file.includes('/')) {
    throw new SallyportError('SP_SANDBOX_PROFILE', `seccomp: there are ${NAMES.join(', ')}, ${LEARN}, or a path.`)
  }
  let json: Json
  try {
    json = JSON.parse(readFileSync(file, 'utf8')) as Json
  } catch (cause) {
    throw new SallyportError('SP_SANDBOX_PROFILE', `seccomp: ${file} cannot be read as JSON.`, { cause })
  }
  return parseSeccompProfile(json)
}
