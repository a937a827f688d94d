import { sha256 } from '@sallyport/core'
import type { Gateway } from 'sallyport'

/** Uses one capability token of the running gateway twice and returns the code of the second answer. */
export async function replayToken({ ports }: Gateway): Promise<string> {
  const claim = { aud: 'files.read_text_file@demo', act: sha256('demo'), sid: 'demo' }
  const { token } = ports.capability.issue({
    ...claim,
    sub: 'demo',
    instance: 'demo',
    evidence: 'policy',
    pol: ports.policy.current().bundle,
  })
  const first = await ports.capability.redeem(token, claim)
  const second = await ports.capability.redeem(token, claim)
  return !first.ok ? first.code : second.ok ? 'executed twice' : second.code
}
