import { parseDeclarations, splitTop, stripCssComments, unescapeCss, type Declarations } from './declarations.ts'

/** One compound selector, e.g. `p.note#top[hidden]`, and how it stands to the one before it. */
interface Compound {
  readonly tag: string
  readonly ids: readonly string[]
  readonly classes: readonly string[]
  readonly attributes: readonly (readonly [name: string, value: string | undefined])[]
  /** `>` instead of any ancestor. */
  readonly child: boolean
}

interface Rule {
  /** Rightmost last. */
  readonly compounds: readonly Compound[]
  readonly weight: number
  readonly declared: Declarations
}

/** What a selector asks of an element. */
export interface Styled {
  readonly tag: string
  readonly attributes: ReadonlyMap<string, string>
  readonly classes: readonly string[]
}

const NONE: Declarations = new Map()
const MAX_RULES = 2_000
/** Units of work of one rule that is looked at, and of one that holds. */
const LOOK = 4
const HOLD = 40
/** Properties that can hide or colour text; rules without one of them are dropped. */
const RELEVANT =
  /^(display|visibility|opacity|filter|font|font-size|color|-webkit-text-fill-color|background|background-color|background-image|position|left|top|right|bottom|inset|text-indent|transform|translate|scale|clip|clip-path|overflow|overflow-x|overflow-y|width|height|max-width|max-height|margin-left|margin-top|content-visibility|letter-spacing|zoom|background-clip|-webkit-background-clip|mso-hide)$/

/**
 * Style sheets of one document: as much of CSS as text is hidden with. Selectors with what is not known here (pseudo-classes,
 * siblings) never match, which shows text rather than hides it.
 */
export class StyleSheet {
  readonly #byKey = new Map<string, Rule[]>()
  /** Parent → what an element looks like to selectors → its declarations: lists and tables ask the same again and again. */
  readonly #known = new WeakMap<Styled, Map<string, Declarations>>()
  #asksAttributes = false
  #count = 0

  add(text: string): void {
    this.#block(stripCssComments(text), 0)
  }

  /** Declarations that hold for an element; `ancestors` are innermost last. `spend` is told of the work. */
  declarationsFor(element: Styled, ancestors: readonly Styled[], spend: (units: number) => void): Declarations {
    if (this.#count === 0) return NONE
    const parent = ancestors.at(-1)
    const siblings = parent === undefined ? new Map<string, Declarations>() : (this.#known.get(parent) ?? new Map())
    if (parent !== undefined) this.#known.set(parent, siblings)
    const key = this.#asksAttributes
      ? JSON.stringify([element.tag, ...element.attributes])
      : `${element.tag} ${element.attributes.get('id') ?? ''} ${element.attributes.get('class') ?? ''}`
    const known = siblings.get(key) ?? this.#compute(element, ancestors, spend)
    siblings.set(key, known)
    return known
  }

  #compute(element: Styled, ancestors: readonly Styled[], spend: (units: number) => void): Declarations {
    const found: Rule[] = []
    const id = element.attributes.get('id')
    const keys = ['*', element.tag, ...element.classes.slice(0, 64).map((name) => `.${name}`)]
    if (id !== undefined) keys.push(`#${id}`)
    for (const key of keys) {
      for (const rule of this.#byKey.get(key) ?? []) {
        spend(LOOK)
        if (!matches(rule.compounds, element, ancestors, spend)) continue
        spend(HOLD)
        found.push(rule)
      }
    }
    const declared: Declarations = new Map()
    for (const rule of found.sort((a, b) => a.weight - b.weight)) {
      for (const [name, value] of rule.declared) declared.set(name, value)
    }
    return declared
  }

  #block(text: string, depth: number): void {
    let at = 0
    while (at < text.length && this.#count < MAX_RULES) {
      const open = text.indexOf('{', at)
      if (open < 0) return
      const head = text.slice(at, open)
      const prelude = head.slice(head.lastIndexOf(';') + 1).trim()
      const close = closing(text, open)
      const body = text.slice(open + 1, close)
      if (!prelude.startsWith('@')) this.#rule(prelude, body)
      else if (depth < 4 && applies(prelude)) this.#block(body, depth + 1)
      at = close + 1
    }
  }

  #rule(prelude: string, body: string): void {
    if (prelude.length > 4_000) return
    const declared = parseDeclarations(body)
    for (const name of [...declared.keys()]) if (!RELEVANT.test(name)) declared.delete(name)
    if (declared.size === 0) return
    for (const selector of splitTop(prelude, ',')) {
      const compounds = parseSelector(selector.trim())
      const last = compounds.at(-1)
      if (last === undefined) continue
      if (compounds.some(({ attributes }) => attributes.length > 0)) this.#asksAttributes = true
      const specificity = compounds.reduce(
        (sum, { ids, classes, attributes, tag }) =>
          sum + ids.length * 10_000 + (classes.length + attributes.length) * 100 + (tag === '*' ? 0 : 1),
        0,
      )
      const key =
        last.ids[0] === undefined
          ? last.classes[0] === undefined
            ? last.tag
            : `.${last.classes[0]}`
          : `#${last.ids[0]}`
      const rules = this.#byKey.get(key) ?? []
      rules.push({ compounds, weight: specificity + this.#count++ / MAX_RULES / 10, declared })
      this.#byKey.set(key, rules)
    }
  }
}

/** Place of the bracket that closes the one at `open`; the end of the text where none does. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x7b) depth++
    else if (code === 0x7d && --depth === 0) return at
  }
  return text.length
}

/** Conditions that hold on an ordinary screen. Widths and the like may or may not: such rules do not count. */
const applies = (prelude: string): boolean =>
  /^@media\s*(?:(?:only\s+)?(?:all|screen)\s*)?$/i.test(prelude) ||
  /^@(layer|supports|scope|container)\b/i.test(prelude)

const PART =
  /^(?:([a-z][\w-]*|\*)|#((?:[\w-]|[^\x00-\x7f]|\\[\da-f]{1,6}\s?|\\[^\n])+)|\.((?:[\w-]|[^\x00-\x7f]|\\[\da-f]{1,6}\s?|\\[^\n])+)|\[\s*([\w-]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*)?\])/i

/** None where it asks for what is not known here. */
function parseSelector(text: string): readonly Compound[] {
  const compounds: Compound[] = []
  let rest = text
  while (rest !== '') {
    const joint = (/^\s*>?\s*/.exec(rest) as RegExpExecArray)[0]
    rest = rest.slice(joint.length)
    const parts = {
      tag: '*',
      ids: [] as string[],
      classes: [] as string[],
      attributes: [] as [string, string | undefined][],
    }
    let read = 0
    for (let match = PART.exec(rest); match !== null; match = PART.exec(rest)) {
      const [all, tag, id, name, attribute, double, single, bare] = match
      if (tag !== undefined) {
        if (read > 0) return []
        parts.tag = tag.toLowerCase()
      } else if (id !== undefined) parts.ids.push(unescapeCss(id))
      else if (name !== undefined) parts.classes.push(unescapeCss(name))
      else parts.attributes.push([(attribute as string).toLowerCase(), double ?? single ?? bare])
      rest = rest.slice(all.length)
      read++
    }
    if (read === 0 || compounds.length >= 12 || (rest !== '' && !/^[\s>]/.test(rest))) return []
    compounds.push({ ...parts, child: joint.includes('>') })
  }
  return compounds
}

const fits = ({ tag, ids, classes, attributes }: Compound, element: Styled): boolean =>
  (tag === '*' || tag === element.tag) &&
  ids.every((id) => element.attributes.get('id') === id) &&
  classes.every((name) => element.classes.includes(name)) &&
  attributes.every(([name, value]) =>
    value === undefined ? element.attributes.has(name) : element.attributes.get(name) === value,
  )

/** From the right, each compound at the nearest ancestor that fits: enough for descendants, and linear. */
function matches(
  compounds: readonly Compound[],
  element: Styled,
  ancestors: readonly Styled[],
  spend: (units: number) => void,
): boolean {
  const last = compounds.at(-1)
  if (last === undefined || !fits(last, element)) return false
  let child = last.child
  let at = ancestors.length - 1
  for (let index = compounds.length - 2; index >= 0; index--) {
    const wanted = compounds[index] as Compound
    const from = at
    while (at >= 0 && !fits(wanted, ancestors[at] as Styled) && !child) at--
    spend(LOOK * (from - at + 1))
    if (at < 0 || !fits(wanted, ancestors[at] as Styled)) return false
    child = wanted.child
    at--
  }
  return true
}
