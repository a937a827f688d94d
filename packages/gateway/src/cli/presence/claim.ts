import { userInfo } from 'node:os'
import { operatorDigest, SallyportError, viewDigest, type Json } from '@sallyport/core'
import { decisionView } from '../../control/presence/decisions.ts'
import { OPERATOR_NAME } from '../../control/presence/operator.ts'
import { derivePinKey, whyPinIsWeak } from '../../control/presence/pin.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { clientNonce, humanTerminal, verified } from './confirm.ts'
import type { Terminal } from './terminal.ts'

const TRIES = 3

/**
 * Claims a gateway that has no operator: the first PIN, typed twice at a human's terminal (T-007). `options.as` names the
 * operator; default is the account. Returns the operator's id.
 * @throws SallyportError SP_CLI_NEEDS_TERMINAL, SP_AUTHN_SERVER, SP_AUTHN_PRESENCE when there is an operator already.
 */
export async function claimGateway(io: CliIo, options: CliOptions = {}): Promise<string> {
  const terminal = await humanTerminal(io, 'claim', options)
  try {
    const name = typeof options['as'] === 'string' ? options['as'] : accountName()
    if (!OPERATOR_NAME.test(name))
      throw new SallyportError('SP_CLI_USAGE', '--as: 1 to 32 characters of a-z, 0-9, ".", "_", "-".')
    const nonce = clientNonce()
    const challenge = verified(io, await io.gateway.request('GET', `/api/v1/presence/claim?nonce=${nonce}`), nonce)
    const [own] = challenge.operators
    const payload: Json = { salt: own?.salt ?? '' }
    const ours = challenge.kind === 'claim' && challenge.call === operatorDigest('claim', payload)
    if (own === undefined || !ours || challenge.view !== viewDigest(decisionView('claim', payload))) {
      throw new SallyportError('SP_AUTHN_SERVER', 'What it asks for is not a claim.')
    }
    const pin = await choosePin(terminal, name)
    const key = await derivePinKey(pin, Buffer.from(own.salt, 'hex'), own.cost)
    await io.gateway.request('POST', '/api/v1/presence/claim', {
      name,
      salt: own.salt,
      verifier: key.toString('hex'),
      nonce: challenge.nonce,
      notAfter: challenge.notAfter,
    })
    return `operator:${name}`
  } finally {
    terminal.close()
  }
}

async function choosePin(terminal: Terminal, name: string): Promise<string> {
  terminal.show(
    `\nYou become operator "${name}" of this gateway. Your PIN agrees to calls that policy holds for a human.\n` +
      'At least 8 characters, not only digits. No agent, web page, mail or chat ever needs it: type it only at\n' +
      'commands that you started yourself.\n\n',
  )
  for (let tries = 0; tries < TRIES; tries++) {
    const pin = await terminal.readSecret('New PIN: ')
    const weak = whyPinIsWeak(pin)
    if (weak !== undefined) terminal.show(`${weak}\n`)
    else if ((await terminal.readSecret('The same again: ')) === pin) return pin
    else terminal.show('They differ.\n')
  }
  throw new SallyportError('SP_CLI_NEEDS_TERMINAL', 'No PIN was set.')
}

/** The account's name in the form of an operator's name. */
const accountName = (): string =>
  userInfo()
    .username.toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 32)
