import type { How } from '../extraction.ts'

interface AttributeText {
  readonly name: string
  readonly text: string
  readonly kind: How
}

/** Attributes whose text a reader sees at most by pointing at something. */
const KINDS: ReadonlyMap<string, How> = new Map([
  ['alt', 'alt'],
  ['title', 'title'],
  ['summary', 'title'],
  ['longdesc', 'title'],
  ['abbr', 'label'],
  ['placeholder', 'label'],
  ['label', 'label'],
  ['standby', 'label'],
])
const MACHINE =
  /^(data-|x-|on[a-z]{3,}$|item|property$|typeof$|prefix$|vocab$|about$|cite$|download$|ping$|nonce$|slot$|is$|part$|aria-)/
/** Values that are plain words of the machine: names, numbers, addresses. They hold no text. */
const TOKEN = /^[^\s]{0,200}$/

/** Text in the attributes of one element. Addresses, names and styles are none. */
export function hiddenAttributes(tag: string, attributes: ReadonlyMap<string, string>): readonly AttributeText[] {
  const found: AttributeText[] = []
  for (const [name, text] of attributes) {
    const kind = kindOf(tag, name, text, attributes)
    if (kind === undefined) continue
    found.push({ name, text: kind === 'data-uri' ? decodeDataUri(text) : text, kind })
  }
  return found
}

function kindOf(tag: string, name: string, value: string, attributes: ReadonlyMap<string, string>): How | undefined {
  if (value.trim() === '') return undefined
  if (name === 'content' && tag === 'meta') return attributes.has('charset') ? undefined : 'meta'
  const known = KINDS.get(name)
  if (known !== undefined) return known
  if (name === 'value' && tag === 'input')
    return attributes.get('type')?.toLowerCase() === 'hidden' ? 'attribute' : undefined
  if (/^(href|src|action|formaction|data|poster|xlink:href|srcset)$/.test(name)) {
    if (/^\s*data:(?:text\/|image\/svg|application\/(?:json|xhtml))/i.test(value)) return 'data-uri'
    return /^\s*(?:javascript|vbscript):/i.test(value) ? 'script' : undefined
  }
  if (name.startsWith('aria-')) return TOKEN.test(value) ? undefined : 'label'
  if (MACHINE.test(name)) return TOKEN.test(value) && value.length < 80 ? undefined : 'data-attribute'
  // what no browser knows can still be read by a model
  return !ORDINARY.has(name) && !TOKEN.test(value) ? 'attribute' : undefined
}

const ORDINARY: ReadonlySet<string> = new Set(
  (
    'style class id rel rev href src srcset sizes media type lang dir role target name for headers width height align valign ' +
    'border cellpadding cellspacing bgcolor color face size viewbox d points transform fill stroke preserveaspectratio ' +
    'accept accept-charset allow sandbox integrity crossorigin http-equiv charset coords shape autocomplete value pattern ' +
    'font-family stroke-dasharray text-anchor gradienttransform values keytimes keysplines begin dur class srcdoc xmlns ' +
    'clip-path filter mask offset x y dx dy xml:space version baseprofile color-scheme fetchpriority loading decoding'
  ).split(' '),
)

/** Text of a `data:` address; as it stands where it does not decode. */
function decodeDataUri(value: string): string {
  const comma = value.indexOf(',')
  const head = value.slice(0, comma)
  const body = value.slice(comma + 1)
  if (comma < 0) return value
  if (/;base64$/i.test(head.trim())) return Buffer.from(body, 'base64').toString('utf8')
  try {
    return decodeURIComponent(body)
  } catch {
    return body
  }
}
