import { userInfo } from 'node:os'
import {
  operatorDecisionDigest,
  operatorDigest,
  renderView,
  SallyportError,
  toSallyportError,
  viewDigest,
  type ApprovalView,
  type Json,
} from '@sallyport/core'
import { isSignedBy, type PinProof, type SignedChallenge } from '../../control/presence/challenge.ts'
import { decisionView } from '../../control/presence/decisions.ts'
import { derivePinKey, provePin } from '../../control/presence/pin.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { pinnedKey } from './pinned-key.ts'
import { openTerminal, type Terminal } from './terminal.ts'

/** A fresh client nonce; with it an old answer of the gateway is worthless. */
export const clientNonce = (): string => Buffer.from(systemRandom.bytes(32)).toString('hex')

const MAX_COST = 1_048_576

/**
 * Takes an operator's decision that needs presence: asks the gateway for a signed challenge over exactly `payload`, checks
 * the signature with the pinned key and the digests with its own, shows the decision, reads the PIN from the terminal, and
 * hands the proof to `send`, which puts it into the request as `presence`.
 * @throws SallyportError SP_CLI_NEEDS_TERMINAL, SP_AUTHN_SERVER, SP_AUTHN_UNCLAIMED, and what the gateway answers.
 */
export async function withPresence<T>(
  io: CliIo,
  kind: string,
  payload: Json,
  send: (proof: PinProof) => Promise<T>,
  options: CliOptions = {},
): Promise<T> {
  const terminal = await humanTerminal(io, kind, options)
  try {
    const nonce = clientNonce()
    const answer = await io.gateway.request('POST', '/api/v1/presence/challenge', { kind, payload, nonce })
    const challenge = verified(io, answer, nonce)
    const view = decisionView(kind, payload)
    if (challenge.kind !== kind || challenge.subject !== '' || challenge.call !== operatorDigest(kind, payload))
      mismatch()
    return await send(await proveView(terminal, challenge, view, operatorDecisionDigest(challenge), options))
  } finally {
    terminal.close()
  }
}

/**
 * The terminal of the human who runs this command. A refusal is reported to the gateway, which raises an alert (T-001).
 * @throws SallyportError SP_CLI_NEEDS_TERMINAL
 */
export async function humanTerminal(io: CliIo, command: string, options: CliOptions): Promise<Terminal> {
  try {
    return openTerminal(io, options)
  } catch (thrown) {
    const { detail } = toSallyportError(thrown)
    await io.gateway.request('POST', '/api/v1/presence/refusals', { command, reason: detail }).catch(() => undefined)
    throw thrown
  }
}

/** The gateway's answer, if the holder of the pinned key gave it for our nonce (T-015). */
export function verified(io: Pick<CliIo, 'stateDir'>, answer: Json, nonce: string): SignedChallenge {
  const challenge = answer as unknown as SignedChallenge
  const signed = typeof challenge?.signature === 'string' && isSignedBy(challenge, nonce, pinnedKey(io.stateDir))
  if (!signed) throw new SallyportError('SP_AUTHN_SERVER', 'Its answer is not signed with the pinned key.')
  return challenge
}

/** Shows the view and proves the decision with the PIN. The view must be the one the gateway bound into the challenge. */
export async function proveView(
  terminal: Terminal,
  challenge: SignedChallenge,
  view: ApprovalView,
  decision: string,
  options: CliOptions,
): Promise<PinProof> {
  if (viewDigest(view) !== challenge.view) mismatch()
  const operator = chooseOperator(challenge, options)
  terminal.show(`\n${renderView(view, { width: terminal.width, full: true }).join('\n')}\n\n`)
  terminal.show('Sallyport asks for the PIN only here, after you started this command yourself.\n')
  const pin = await terminal.readSecret(`PIN of ${operator.id.slice('operator:'.length)} to agree, Ctrl-C to leave: `)
  const key = await derivePinKey(pin, Buffer.from(operator.salt, 'hex'), operator.cost)
  return { operator: operator.id, nonce: challenge.nonce, notAfter: challenge.notAfter, proof: provePin(key, decision) }
}

function chooseOperator({ operators }: SignedChallenge, options: CliOptions): SignedChallenge['operators'][number] {
  if (operators.length === 0)
    throw new SallyportError('SP_AUTHN_PRESENCE', 'Nobody has a PIN here: decide in the console, with a passkey.')
  const asked = options['as']
  const name = typeof asked === 'string' ? asked : operators.length === 1 ? undefined : userInfo().username
  const found = name === undefined ? operators[0] : operators.find(({ id }) => id === `operator:${name}`)
  if (found === undefined) {
    const names = operators.map(({ id }) => id.slice('operator:'.length)).join(', ')
    throw new SallyportError('SP_CLI_USAGE', `Say who you are with --as: ${names}.`)
  }
  if (found.cost.N > MAX_COST || found.cost.r > 8 || found.cost.p > 4) mismatch()
  return found
}

function mismatch(): never {
  throw new SallyportError('SP_AUTHN_SERVER', 'What it asks you to prove is not what you asked for.')
}
