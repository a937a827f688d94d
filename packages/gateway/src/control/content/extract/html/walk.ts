import type { DefaultTreeAdapterTypes, Token } from 'parse5'
import { EXTRACT_LIMITS, type How, type Sink } from '../extraction.ts'
import { hiddenAttributes } from './attributes.ts'
import { parseDeclarations, type Declarations } from './declarations.ts'
import type { HiddenSpan, OnSpan } from '../span.ts'
import { hiddenBy, lookOf, PLAIN, type Look } from './look.ts'
import { parseHtml } from './parse.ts'
import { StyleSheet, type Styled } from './sheet.ts'

type Node = DefaultTreeAdapterTypes.ChildNode
type Element = DefaultTreeAdapterTypes.Element
type Parent = DefaultTreeAdapterTypes.ParentNode

/** Elements whose content is never drawn, whatever the style says. */
const NEVER: ReadonlyMap<string, How> = new Map([
  ['template', 'template'],
  ['noscript', 'noscript'],
  ['script', 'script'],
  ['style', 'style'],
  ['noframes', 'fallback'],
  ['noembed', 'fallback'],
  ['object', 'fallback'],
  ['video', 'fallback'],
  ['audio', 'fallback'],
  ['canvas', 'fallback'],
  ['datalist', 'fallback'],
  ['iframe', 'fallback'],
  ['desc', 'svg-description'],
  ['metadata', 'svg-description'],
  ['annotation', 'svg-description'],
  ['annotation-xml', 'svg-description'],
  ['defs', 'svg-definition'],
  ['symbol', 'svg-definition'],
  ['clippath', 'svg-definition'],
  ['mask', 'svg-definition'],
])
const BLOCK =
  /^(address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|html|legend|li|main|menu|nav|ol|option|p|pre|section|select|summary|table|tbody|text|textarea|tfoot|thead|title|tr|ul)$/
const SVG = 'http://www.w3.org/2000/svg'
/** Attributes of SVG and old HTML that do what CSS does. */
const PRESENTATION: ReadonlyMap<string, string> = new Map([
  ['fill', 'color'],
  ['display', 'display'],
  ['visibility', 'visibility'],
  ['opacity', 'opacity'],
  ['fill-opacity', 'opacity'],
  ['font-size', 'font-size'],
  ['transform', 'transform'],
])

interface Frame {
  readonly look: Look
  readonly how: How | undefined
  /** What is hidden here lies within a span that was reported. */
  readonly covered: boolean
  readonly pre: boolean
}

/** What a reader of the text alone would miss about an element that is seen: said before and after what is in it. */
export interface Marks {
  readonly open: (tag: string, attributes: ReadonlyMap<string, string>) => string
  readonly close: (tag: string, attributes: ReadonlyMap<string, string>) => string
}

interface Walk {
  readonly collector: Sink
  readonly sheet: StyleSheet
  readonly ancestors: Styled[]
  readonly onSpan: OnSpan
  readonly nesting: number
  readonly marks: Marks | undefined
}

/**
 * Reads an HTML or SVG source: what a browser shows goes to `show`, the rest to `hide`.
 * @throws BudgetEnd
 */
export function readHtml(
  source: string,
  collector: Sink,
  onSpan: OnSpan = () => undefined,
  nesting = 0,
  marks?: Marks,
): void {
  const document = parseHtml(source, collector)
  const sheet = new StyleSheet()
  eachStyle(document, (text) => sheet.add(text))
  const walk: Walk = { collector, sheet, ancestors: [], onSpan, nesting, marks }
  for (const node of document.childNodes) visit(node, walk, { look: PLAIN, how: undefined, covered: false, pre: false })
}

function eachStyle(parent: Parent, found: (text: string) => void): void {
  const waiting: Parent[] = [parent]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of next.childNodes) {
      if (!('childNodes' in child)) continue
      if (child.nodeName === 'style') found(rawText(child))
      else waiting.push(child)
    }
  }
}

function visit(node: Node, walk: Walk, frame: Frame): void {
  const { collector, onSpan } = walk
  const place = node.sourceCodeLocation
  if (node.nodeName === '#text') {
    const { value } = node as DefaultTreeAdapterTypes.TextNode
    if (frame.how === undefined) collector.show(frame.pre ? value : value.replace(/[ \t\n\r\f]+/g, ' '))
    else {
      collector.hide(value, frame.how, place?.startOffset, place?.endOffset)
      if (!frame.covered && value.trim() !== '') onSpan(spanOf(frame.how, place))
    }
  } else if (node.nodeName === '#comment') {
    const { data } = node as DefaultTreeAdapterTypes.CommentNode
    if (XML_DECLARATION.test(data)) return
    collector.hide(data, 'comment', place?.startOffset, place?.endOffset)
    if (!frame.covered) onSpan(spanOf('comment', place))
  } else if (node.nodeName === '#documentType') {
    const { publicId, systemId } = node as DefaultTreeAdapterTypes.DocumentType
    const text = `${publicId} ${systemId}`
    if (!/^(-\/\/(?:W3C|IETF)\/\/[\w .+/-]{1,60})?\s*((?:https?:\/\/www\.w3\.org\/|about:)\S{0,80})?\s*$/.test(text)) {
      collector.hide(text, 'doctype', place?.startOffset, place?.endOffset)
      onSpan(spanOf('doctype', place))
    }
  } else visitElement(node as Element, walk, frame)
}

const XML_DECLARATION =
  /^\?xml\s+version=["'][\d.]+["'](\s+encoding=["'][\w-]+["'])?(\s+standalone=["'](yes|no)["'])?\s*\?$/

function visitElement(element: Element, walk: Walk, outer: Frame): void {
  const { collector, sheet, ancestors, onSpan, marks } = walk
  const tag = element.tagName.toLowerCase()
  const attributes = new Map(element.attrs.map(({ name, value }) => [name.toLowerCase(), value]))
  const classes = (attributes.get('class') ?? '').split(/\s+/).filter(Boolean)
  const styled: Styled = { tag, attributes, classes }
  collector.spend(8 + attributes.size)
  const declared = declarations(styled, element.namespaceURI === SVG, sheet, ancestors, (units) =>
    collector.spend(units),
  )
  const look = lookOf(declared, outer.look)
  const inherited = outer.how !== undefined && !RECOVERABLE.has(outer.how) ? outer.how : undefined
  const how = inherited ?? never(tag, attributes, element) ?? hiddenBy(look)
  const place = element.sourceCodeLocation
  // what a child can take back is reported text by text, and so is what the parser moved or made
  const whole = how !== undefined && how !== 'fallback' && !RECOVERABLE.has(how) && isWhole(element)
  if (whole && !outer.covered) onSpan(spanOf(how, place))
  const covered = outer.covered || whole

  for (const { name, text, kind } of hiddenAttributes(tag, attributes)) {
    const at = place?.attrs?.[name]
    collector.hide(text, kind, at?.startOffset, at?.endOffset)
    if (!covered) onSpan(spanOf(kind, at))
  }
  if (readEmbedded(tag, attributes, how, walk) && !covered) onSpan(spanOf('iframe', place?.attrs?.['srcdoc']))
  const block = BLOCK.test(tag) || tag === 'br'
  if (how === undefined && block) collector.show('\n')
  if (how === undefined && (tag === 'td' || tag === 'th')) collector.show('\t')
  if (how === undefined && tag === 'input' && attributes.has('value') && attributes.get('type') !== 'hidden')
    collector.show(` ${attributes.get('value')} `)

  if (how === undefined && marks !== undefined) collector.show(marks.open(tag, attributes))

  const frame: Frame = { look, how, covered, pre: outer.pre || tag === 'pre' || tag === 'textarea' }
  const folded = tag === 'details' && !attributes.has('open')
  ancestors.push(styled)
  const content = 'content' in element ? (element as DefaultTreeAdapterTypes.Template).content : element
  for (const child of content.childNodes) {
    const shut = folded && how === undefined && child.nodeName !== 'summary'
    visit(child, walk, shut ? { ...frame, how: 'collapsed' } : frame)
  }
  ancestors.pop()
  if (how === undefined && marks !== undefined) collector.show(marks.close(tag, attributes))
  if (how === undefined && block && tag !== 'br') collector.show('\n')
}

/** A child can undo these with a style of its own. */
const RECOVERABLE: ReadonlySet<How> = new Set<How>(['visibility', 'font-size', 'colour', 'off-screen'])

/** -1: hidden, but nothing in the source could be cut out for it. */
const spanOf = (how: How, place: Token.Location | null | undefined): HiddenSpan =>
  place ? { how, start: place.startOffset, end: place.endOffset } : { how, start: -1, end: -1 }

/** The source of the element holds all of it and nothing else. Elements that are put right by the parser may not. */
function isWhole({ sourceCodeLocation: place, tagName }: Element): boolean {
  return place?.startTag !== undefined && (place.endTag !== undefined || VOID.test(tagName))
}
const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/

function never(tag: string, attributes: ReadonlyMap<string, string>, element: Element): How | undefined {
  if (attributes.has('hidden')) return 'hidden-attribute'
  if (attributes.get('aria-hidden')?.trim().toLowerCase() === 'true') return 'aria-hidden'
  if (tag === 'dialog' && !attributes.has('open')) return 'hidden-attribute'
  if (tag === 'title' && element.namespaceURI === SVG) return 'svg-description'
  return NEVER.get(tag)
}

function declarations(
  styled: Styled,
  svg: boolean,
  sheet: StyleSheet,
  ancestors: readonly Styled[],
  spend: (units: number) => void,
): Declarations {
  const { attributes } = styled
  const declared: Declarations = new Map()
  const ground = attributes.get('bgcolor')
  if (ground !== undefined) declared.set('background-color', ground)
  if (styled.tag === 'font') {
    const colour = attributes.get('color')
    if (colour !== undefined) declared.set('color', colour)
  }
  if (svg) {
    for (const [name, property] of PRESENTATION) {
      const value = attributes.get(name)
      if (value !== undefined) declared.set(property, value.trim().toLowerCase())
    }
    const isAway = ['x', 'y'].some((name) => Number.parseFloat(attributes.get(name) ?? '0') < -400)
    if (styled.tag === 'text' && isAway) declared.set('text-indent', '-9999px')
  }
  for (const [name, value] of sheet.declarationsFor(styled, ancestors, spend)) declared.set(name, value)
  const inline = attributes.get('style')
  if (inline !== undefined) {
    spend(inline.length)
    for (const [name, value] of parseDeclarations(inline)) declared.set(name, value)
  }
  const fill = declared.get('fill')
  if (svg && fill !== undefined && !declared.has('color')) declared.set('color', fill)
  return declared
}

/** A page in an attribute: `srcdoc` is seen when its frame is. @returns whether anything in it is hidden */
function readEmbedded(
  tag: string,
  attributes: ReadonlyMap<string, string>,
  how: How | undefined,
  { collector, nesting, marks }: Walk,
): boolean {
  const source = attributes.get('srcdoc')
  if (tag !== 'iframe' || source === undefined) return false
  const flat = ['width', 'height'].some((side) => Number.parseFloat(attributes.get(side) ?? '99') <= 1)
  if (nesting >= EXTRACT_LIMITS.nesting) {
    collector.note('document.nested', 'Frames lie in frames too deeply.')
    collector.hide(source, 'unread')
    return true
  }
  if (flat || (how !== undefined && how !== 'fallback')) {
    collector.hide(source, 'iframe')
    return true
  }
  let hides = false
  readHtml(source, collector, () => (hides = true), nesting + 1, marks)
  return hides
}

function rawText(element: Element): string {
  return element.childNodes
    .map((child) => (child.nodeName === '#text' ? (child as DefaultTreeAdapterTypes.TextNode).value : ''))
    .join('')
}
