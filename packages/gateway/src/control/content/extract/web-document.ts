import { parseJson, SallyportError, type Json } from '@sallyport/core'
import type { WebDocument } from '../../../boundary/ports-web.ts'
import { decodeText } from './extract.ts'
import { BudgetEnd } from './extraction.ts'
import { kindOfBytes, kindOfMediaType, kindOfText } from './sniff.ts'
import { readWebPage } from './web-page.ts'

const JSON_LIMITS = { maxLength: 10_000_000, maxDepth: 64 }
const JSON_TYPE = /^[\w.+-]{1,60}\/(?:[\w.+-]{1,60}\+)?json$/i
/** What a page says of its own character set, in its first kilobyte (HTML 13.2.3.2). */
const CHARSET = /<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{1,40})/i

/**
 * Reads an answer from the web: pages as their visible text, JSON as a value, other text as it is. Bytes that are no text are described
 * and not handed on, whatever they are declared as.
 * @throws SallyportError SP_EGRESS_ANSWER for a page that cannot be read within bounds
 */
export function readWebDocument(bytes: Buffer, mediaType: string | undefined, url: string): WebDocument {
  const plain = { title: '', hidden: 0 }
  if (bytes.length === 0) return { kind: 'text', text: '', ...plain }
  const kind = kindOfBytes(bytes)
  if (kind !== 'text') return { kind: 'other', text: `(${kind}, ${bytes.length} bytes: no text)`, ...plain }
  const text = decodeText(bytes, charsetFor(bytes, mediaType)).text.replace(/^\ufeff/, '')
  const essence = mediaType?.split(';', 1)[0]?.trim() ?? ''
  if (JSON_TYPE.test(essence)) {
    const json = readJson(text)
    return json === undefined ? { kind: 'text', text, ...plain } : { kind: 'json', text, json, ...plain }
  }
  const declared = kindOfMediaType(mediaType)
  const isPage = declared === 'html' || declared === 'svg' || ['html', 'svg'].includes(kindOfText(text))
  if (!isPage) return { kind: 'text', text, ...plain }
  try {
    return { kind: 'html', ...readWebPage(text, url) }
  } catch (thrown) {
    if (!(thrown instanceof BudgetEnd || thrown instanceof RangeError)) throw thrown
    throw new SallyportError('SP_EGRESS_ANSWER', 'The page cannot be read within bounds.', { cause: thrown })
  }
}

/** The media type with a character set in it: that of the head, else what the page says. */
function charsetFor(bytes: Buffer, mediaType = ''): string {
  if (/;\s*charset\s*=/i.test(mediaType)) return mediaType
  const said = CHARSET.exec(bytes.subarray(0, 1_024).toString('latin1'))?.[1]
  return said === undefined ? mediaType : `${mediaType || 'text/html'};charset=${said}`
}

function readJson(text: string): Json | undefined {
  try {
    return parseJson(text, JSON_LIMITS)
  } catch {
    return undefined
  }
}
