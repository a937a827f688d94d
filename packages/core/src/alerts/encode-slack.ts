import { escapeText } from '../approval/escape.ts'
import type { JsonObject } from '../json/types.ts'
import type { Notice } from './notice.ts'

/** Slack cuts a text of a section at 3 000 characters, and a header at 150. */
const LINE = 600

/** Looks like what Slack and its kind read as formatting, and is not: a letter-wide gap of no width stands behind each sign. */
const SIGNS = /[*_~`|@#[\]()!]/g
const GAP = '\u200b'

/**
 * Text of others in a message to Slack (T-168): the three characters that Slack reads are its entities, control characters are
 * shown, and nothing becomes a link, a mention or formatting, for Mattermost and others that read Markdown neither.
 */
export function slackText(text: string): string {
  const cut = [...escapeText(text)].slice(0, LINE).join('')
  return cut
    .replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? '')
    .replace(/:\/\//g, `:${GAP}//`)
    .replace(/\b(?:www|mailto|here|channel|everyone|all)\b/gi, (word) => `${word[0]}${GAP}${word.slice(1)}`)
    .replace(SIGNS, (sign) => `${sign}${GAP}`)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** A message for an incoming webhook of Slack, Mattermost or Rocket.Chat. Its parts are plain text wherever Slack has them. */
export function slackMessage({ alert, id, why }: Notice): JsonObject {
  const head = `${alert.severity.toUpperCase()} ${slackText(alert.name)}`
  const times = alert.count === 1 ? '' : `, ${alert.count} times`
  const facts = [
    ['Agent', alert.agent],
    ['Tool', alert.tool],
    ['Session', alert.session],
    ['Rule', alert.rules.join(', ')],
    ['Event', alert.auditId],
  ].filter(([, value]) => value !== '')
  const lines = [slackText(alert.sentence), ...facts.map(([name, value]) => `${name}: ${slackText(value ?? '')}`)]
  return {
    text: `${why === 'test' ? 'Test. ' : ''}${head}${times}\n${lines.join('\n')}`,
    mrkdwn: false,
    // Mattermost: nobody is called by what agents write
    props: { disable_mentions: true },
    link_names: 0,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: `${head}${times}`.slice(0, 150), emoji: false } },
      { type: 'section', text: { type: 'plain_text', text: lines.join('\n').slice(0, 2_900), emoji: false } },
      { type: 'context', elements: [{ type: 'plain_text', text: `Sallyport ${id}`.slice(0, 150), emoji: false }] },
    ],
  }
}
