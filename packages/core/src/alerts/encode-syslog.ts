import { escapeText } from '../approval/escape.ts'
import type { AlertSeverity } from './alert.ts'
import type { Notice } from './notice.ts'

/** RFC 5424 section 6.2.1. */
const SEVERITY: Readonly<Record<AlertSeverity, number>> = { critical: 2, high: 3, medium: 4, low: 5 }
const FACILITIES = { user: 1, daemon: 3, auth: 4, authpriv: 10, local0: 16, local1: 17, local2: 18 } as const
export type Facility = keyof typeof FACILITIES | 'local3' | 'local4' | 'local5' | 'local6' | 'local7'

const codeOf = (facility: Facility): number =>
  facility in FACILITIES ? FACILITIES[facility as keyof typeof FACILITIES] : 16 + Number(facility.slice(-1))

/** Receivers have to take 480 bytes and should take 2048 (section 6.1); rsyslog takes 8 KiB. */
const MOST = 2_048
/** IANA's example number for documentation is 32473; ours has no number of its own, so the name says who wrote it. */
const SD_ID = 'sallyport@32473'

/**
 * One alert as one line of RFC 5424, without its end. Text of others is only ever a value: printable ASCII in the head, escaped UTF-8 in
 * structured data (section 6.3.3), and what could end a line or draw is shown as an escape (T-168). Cut at 2048 bytes between values.
 * @param host name of this machine
 */
export function syslogLine({ id, why, at, alert }: Notice, facility: Facility, host: string): string {
  const priority = codeOf(facility) * 8 + SEVERITY[alert.severity]
  const head = `<${priority}>1 ${new Date(at).toISOString()} ${name(host, 255)} sallyport - ${name(alert.name, 32)} `
  const pairs = [
    ['notice', id],
    ['why', why],
    ['alert', alert.id],
    ['severity', alert.severity],
    ['count', String(alert.count)],
    ['agent', alert.agent],
    ['tool', alert.tool],
    ['session', alert.session],
    ['event', alert.auditId],
    ['code', alert.code],
    ['rule', alert.rules.join(',')],
  ] as const
  let data = `[${SD_ID}`
  for (const [key, value] of pairs) if (value !== '') data += ` ${key}="${param(value, 120)}"`
  const room = MOST - Buffer.byteLength(`${head}${data}] `) - 3
  // the BOM says that the message is UTF-8 (section 6.4)
  return `${head}${data}] \uFEFF${cut(escapeText(alert.sentence), room)}`
}

/** A field of the head: printable ASCII without spaces, `-` for nothing. */
const name = (text: string, most: number): string => text.replace(/[^!-~]/g, '_').slice(0, most) || '-'

const param = (value: string, most: number): string =>
  cut(escapeText(value), most).replace(/["\\\]]/g, (sign) => `\\${sign}`)

/** By bytes of UTF-8, never within a character. */
function cut(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text
  let out = ''
  let bytes = 3
  for (const char of text) {
    bytes += Buffer.byteLength(char)
    if (bytes > most) break
    out += char
  }
  return `${out}…`
}
