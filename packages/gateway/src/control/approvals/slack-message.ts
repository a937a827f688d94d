import {
  approvalView,
  foldedRows,
  isOpen,
  renderView,
  severityRank,
  viewDigest,
  type Approval,
  type Json,
  type JsonObject,
} from '@sallyport/core'

/** Characters of one section; Slack takes 3,000 (Block Kit reference, section). */
const SECTION = 2_800
/** Sections of a view; Slack takes 50 blocks in all. */
const SECTIONS = 40
const WIDTH = 96

export const DENY = 'sallyport.deny'
export const APPROVE = 'sallyport.approve'

/** The three signs that Slack reads; everything else in a code block is as it is (T-168). */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', 'ˋ')

/**
 * One request as a message of Slack (Block Kit). The whole view that a person decides on is in it, or there is no button to approve;
 * neither is there one above medium severity (threat-model §3.6). Said once, when the request is new.
 * @param consoleUrl where people reach the console, for the link; a link only shows (T-010)
 */
export function slackMessage({ request, state, votes }: Approval, consoleUrl: string | undefined): Json | undefined {
  if (state !== 'pending' || votes.length > 0) return undefined
  const view = approvalView({ request })
  const parts = sections(renderView(view, { width: WIDTH, full: true }).map(escaped))
  const isWhole = parts.length <= SECTIONS && foldedRows(view).length === 0
  const isLow = severityRank(request.demand.severity) <= severityRank('medium')
  const value = JSON.stringify({ id: request.id, call: request.callDigest, view: viewDigest(view) })
  const may = isOpen(state) && isWhole && isLow
  const link =
    consoleUrl === undefined ? `sallyport approvals show ${request.id}` : `${consoleUrl}/approvals/${request.id}`
  const why = may
    ? ''
    : isWhole
      ? ' Approving needs a passkey.'
      : ' Too long to be shown here: look at all of it there.'
  return {
    text: escaped(`${request.binding.principal} waits for you: ${request.binding.tool}`),
    // nothing of it is to be fetched or made clickable by whoever shows it
    ...{ unfurl_links: false, unfurl_media: false, mrkdwn: false, parse: 'none' },
    blocks: [
      ...parts.slice(0, SECTIONS).map((lines): JsonObject => ({
        type: 'section',
        text: { type: 'mrkdwn', text: `\`\`\`${lines}\`\`\``, verbatim: true },
      })),
      {
        type: 'actions',
        elements: [
          button('Deny', DENY, value, 'danger'),
          ...(may ? [button('Approve', APPROVE, value, 'primary')] : []),
        ],
      },
      {
        type: 'context',
        elements: [{ type: 'plain_text', text: `${link}.${why} Call ${request.callDigest.slice(0, 16)}` }],
      },
    ],
  }
}

const button = (text: string, action: string, value: string, style: string): JsonObject => ({
  ...{ type: 'button', action_id: action, value, style },
  text: { type: 'plain_text', text },
})

/** Lines together, as many as a section takes. */
function sections(lines: readonly string[]): readonly string[] {
  const parts: string[] = ['']
  for (const line of lines.flatMap((one) => cut(one))) {
    const last = parts.length - 1
    const grown = parts[last] === '' ? line : `${parts[last]}\n${line}`
    if (grown.length > SECTION) parts.push(line)
    else parts[last] = grown
  }
  return parts
}

const cut = (line: string): string[] =>
  line.length <= SECTION ? [line] : (line.match(new RegExp(`.{1,${SECTION}}`, 'gsu')) as string[])
