import { createHash } from 'node:crypto'
import { redactText } from '../secrets/redact.ts'
import type { SanitisationAction } from './metacharacters.ts'

/** Raised when data would have become syntax (AC-3.3.3). Secrets are masked; the hash allows comparing with sealed originals (E-36). */
export interface SanitisationAlert {
  readonly kind: 'command.sanitisation'
  /** Command as it was asked for, redacted, at most 4096 UTF-16 units. */
  readonly command: string
  /** SHA-256 of the original command, hex. */
  readonly commandHash: string
  readonly arguments: readonly string[]
  readonly argumentHashes: readonly string[]
  /** Ids of what was found: metacharacters, effects or argument rules. */
  readonly patterns: readonly string[]
  readonly action: SanitisationAction
  readonly session: AlertSession
}

interface AlertSession {
  readonly sessionId: string
  readonly agentId: string
  readonly tool: string
}

const LONGEST = 4096

export interface AlertInput {
  readonly command: string
  readonly arguments: readonly string[]
  readonly patterns: readonly string[]
  readonly action: SanitisationAction
  readonly session: AlertSession
}

/** The alert for one refused or escaped argument. Deterministic. */
export function sanitisationAlert(input: AlertInput): SanitisationAlert {
  const { command, patterns, action, session } = input
  return {
    kind: 'command.sanitisation',
    command: shown(command),
    commandHash: sha256(command),
    arguments: input.arguments.map(shown),
    argumentHashes: input.arguments.map(sha256),
    patterns: [...new Set(patterns)].sort(),
    action,
    session,
  }
}

const shown = (text: string): string => {
  const { text: masked } = redactText(text, 'log')
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
