import {
  approvalView,
  callDigest,
  decisionDigest,
  foldedRows,
  isJsonObject,
  SallyportError,
  viewDigest,
  whyClassIsTooWeak,
  type ApprovalRequest,
  type GrantScope,
} from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import type { CommandRun } from '../command.ts'
import { clientNonce, humanTerminal, proveView, verified } from '../presence/confirm.ts'
import { scopeOf } from './scope.ts'

export const run: CommandRun = async (io, [id = ''], options) => {
  const scope = scopeOf(options, systemClock.now())
  const terminal = await humanTerminal(io, 'approvals approve', options)
  try {
    const nonce = clientNonce()
    const path = `/api/v1/approvals/${encodeURIComponent(id)}`
    const challenge = verified(io, await io.gateway.request('GET', `${path}/challenge?nonce=${nonce}`), nonce)
    if (!isJsonObject(challenge.request)) throw new SallyportError('SP_AUTHN_SERVER', 'It sent no request.')
    const request = challenge.request as unknown as ApprovalRequest
    const view = approvalView({ request })
    const call = callDigest(request.binding)
    if (challenge.kind !== 'approval' || challenge.subject !== id || request.id !== id || challenge.call !== call) {
      throw new SallyportError('SP_AUTHN_SERVER', 'It answered about another call.')
    }
    const weak = whyClassIsTooWeak('pin', request)
    if (weak !== undefined) throw new SallyportError(weak.code, `${weak.reason} Decide in the console, with a passkey.`)
    if (foldedRows(view).length > 0 && options['full'] !== true) {
      throw new SallyportError(
        'SP_CLI_USAGE',
        'This request has long values. Look at all of it: add --full, or deny it.',
      )
    }
    if (scope.kind !== 'once') terminal.show(`\n${remembered(scope)}\n`)
    const { notAfter, nonce: theirs } = challenge
    const shown = viewDigest(view)
    const decision = decisionDigest({ approvalId: id, call, view: shown, scope, notAfter, nonce: theirs })
    const proof = await proveView(terminal, challenge, view, decision, options)
    const reason = typeof options['reason'] === 'string' ? options['reason'].slice(0, 500) : ''
    const done = await io.gateway.request('POST', `${path}/approve`, {
      ...proof,
      view: shown,
      scope: { ...scope },
      reason,
    })
    const state = isJsonObject(done) ? done['state'] : undefined
    io.err(state === 'partially_approved' ? 'Recorded; another person has to agree too.' : 'Approved.')
    return 0
  } finally {
    terminal.close()
  }
}

const remembered = (scope: GrantScope): string =>
  scope.kind === 'tool'
    ? `Remembered until ${new Date(scope.until).toISOString()}: this agent, this tool, exactly these destinations; any content.`
    : 'Remembered for this session of the agent, at most 8 hours: this tool, exactly these destinations; any content.'
