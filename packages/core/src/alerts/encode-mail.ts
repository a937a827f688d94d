import { escapeText } from '../approval/escape.ts'
import type { Notice } from './notice.ts'

/** Plain text, no link and no markup. Lines of others cannot begin a header, a quotation or a signature (T-168). */
export interface MailText {
  readonly subject: string
  readonly text: string
}

export function mailText({ id, why, alert }: Notice): MailText {
  const times = alert.count === 1 ? '' : ` (${alert.count} times)`
  const test = why === 'test' ? 'Test: ' : ''
  const subject = `${test}[Sallyport ${alert.severity}] ${shown(alert.sentence, 120)}${times}`
  const facts = [
    ['Alert', alert.name],
    ['Severity', alert.severity],
    ['Count', String(alert.count)],
    ['First', new Date(alert.first).toISOString()],
    ['Last', new Date(alert.last).toISOString()],
    ['Agent', alert.agent],
    ['Session', alert.session],
    ['Tool', alert.tool],
    ['Rule', alert.rules.join(', ')],
    ['Code', alert.code],
    ['Reason', alert.reason],
    ['Arguments', alert.parameters],
    ['Event', alert.auditId],
    ['Alert id', alert.id],
    ['Notice', id],
  ].filter(([, value]) => value !== '')
  const lines = facts.map(([name, value]) => `${`${name}:`.padEnd(11)}${shown(value ?? '', 4_000)}`)
  return {
    subject,
    text: `${shown(alert.sentence, 600)}\n\n${lines.join('\n')}\n\nsallyport alerts show ${alert.id}\n`,
  }
}

const shown = (text: string, most: number): string => {
  const letters = [...escapeText(text)]
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`
}
