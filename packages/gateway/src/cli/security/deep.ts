import type { DeepFacts } from '../../assurance/posture/facts.ts'
import { unseen } from '../../assurance/posture/facts.ts'
import type { CliIo } from '../command.ts'
import type { ReadConfig } from './read-config.ts'

export async function tryEverything(_io: CliIo, _read: ReadConfig): Promise<DeepFacts> {
  const later = unseen('Not tried.')
  return { ssrf: later, routes: later, sandbox: later, log: later, canaries: later }
}
