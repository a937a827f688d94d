import type { Sink } from '../extraction.ts'

/** Attributes of one tag by local name. */
export type XmlAttributes = ReadonlyMap<string, string>

/** Names are local: a document may call the namespaces of its format what it likes. */
export interface XmlHandler {
  open?(name: string, attributes: XmlAttributes): void
  close?(name: string): void
  text?(text: string): void
  /** Comments and processing instructions. */
  comment?(text: string): void
}

const ATTRIBUTE = /([^\s=/"'<>]+)\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)')/g
const NONE: XmlAttributes = new Map()

/**
 * Reads XML from left to right without a tree, so that depth costs nothing. Entities that a document declares are never put in
 * (T-160): a document type is a note, and the reader goes on behind it. Forgiving: what is not well formed is read as it stands.
 */
export function scanXml(source: string, handler: XmlHandler, sink: Sink): void {
  let at = 0
  sink.spend(source.length)
  while (at < source.length) {
    const open = source.indexOf('<', at)
    const end = open < 0 ? source.length : open
    if (end > at) handler.text?.(decodeEntities(source.slice(at, end)))
    if (open < 0) return
    if (source.startsWith('<!--', open)) at = until('-->', open + 4, (text) => handler.comment?.(text))
    else if (source.startsWith('<![CDATA[', open)) at = until(']]>', open + 9, (text) => handler.text?.(text))
    else if (source.startsWith('<?', open)) {
      at = until('?>', open + 2, (text) => {
        if (!/^xml\s[^<]{0,120}$/.test(text)) handler.comment?.(text)
      })
    } else if (source.startsWith('<!', open)) at = doctype(open)
    else at = tag(open)
  }

  function until(mark: string, from: number, use: (text: string) => void): number {
    const end = source.indexOf(mark, from)
    if (end < 0) sink.note('document.malformed', 'An XML part is cut off.')
    use(source.slice(from, end < 0 ? source.length : end))
    return end < 0 ? source.length : end + mark.length
  }

  function doctype(open: number): number {
    const close = source.indexOf('>', open)
    const inner = source.indexOf('[', open)
    if (inner < 0 || (close >= 0 && close < inner)) return close < 0 ? source.length : close + 1
    sink.note('document.entity', 'An XML part declares entities of its own; they are not put in.')
    const end = source.indexOf(']', inner)
    handler.comment?.(source.slice(inner + 1, end < 0 ? source.length : end))
    const after = end < 0 ? -1 : source.indexOf('>', end)
    return after < 0 ? source.length : after + 1
  }

  function tag(open: number): number {
    let end = open + 1
    for (let quote = 0; end < source.length; end++) {
      const code = source.charCodeAt(end)
      if (quote !== 0) {
        if (code === quote) quote = 0
      } else if (code === 0x22 || code === 0x27) quote = code
      else if (code === 0x3e) break
    }
    if (end >= source.length) {
      sink.note('document.malformed', 'A tag of an XML part is cut off.')
      handler.text?.(source.slice(open))
      return source.length
    }
    const body = source.slice(open + 1, end)
    if (body.startsWith('/')) handler.close?.(local(body.slice(1).trim()))
    else {
      const name = body.slice(0, body.search(/[\s/"'<>=]|$/))
      const attributes = body.length > name.length + 1 ? readAttributes(body.slice(name.length)) : NONE
      handler.open?.(local(name), attributes)
      if (body.endsWith('/')) handler.close?.(local(name))
    }
    return end + 1
  }
}

function readAttributes(text: string): XmlAttributes {
  const found = new Map<string, string>()
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    if (name.startsWith('xmlns')) continue
    found.set(local(name), decodeEntities((double ?? single) as string))
  }
  return found
}

/** What an attribute says; nothing where it is not there. */
export const said = (attributes: XmlAttributes, name: string): string => attributes.get(name) ?? ''

const local = (name: string): string => name.slice(name.indexOf(':') + 1)

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

/** The five of XML and numbers; others stay as they are. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|(lt|gt|amp|quot|apos));/g,
    (_, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES.get(name) as string
      const code = Number.parseInt(String(decimal ?? hex), decimal === undefined ? 16 : 10)
      return code > 0x10ffff || code === 0 ? '\ufffd' : String.fromCodePoint(code)
    },
  )
}
