import type { Severity } from '@sallyport/core'

/** How a text is kept from the eyes of whoever opens the document. */
export type How =
  // HTML, SVG and HTML inside Markdown
  | 'display-none'
  | 'visibility'
  | 'opacity'
  | 'font-size'
  | 'off-screen'
  | 'clipped'
  | 'colour'
  | 'aria-hidden'
  | 'hidden-attribute'
  | 'comment'
  | 'doctype'
  | 'template'
  | 'noscript'
  | 'script'
  | 'style'
  | 'fallback'
  | 'iframe'
  | 'collapsed'
  | 'alt'
  | 'title'
  | 'label'
  | 'data-attribute'
  | 'attribute'
  | 'meta'
  | 'data-uri'
  | 'svg-description'
  | 'svg-definition'
  // Markdown
  | 'link-title'
  | 'reference'
  | 'front-matter'
  // PDF
  | 'render-mode'
  | 'off-page'
  | 'annotation'
  | 'form-field'
  | 'attachment'
  | 'layer'
  | 'unreferenced'
  // Office
  | 'vanish'
  | 'note'
  | 'revision'
  | 'hidden-sheet'
  | 'hidden-slide'
  | 'header'
  // all containers
  | 'metadata'
  | 'trailing'
  /** The reader gave up here: everything that is left, so that detectors see it all the same. */
  | 'unread'

/**
 * What a reader can have by asking for it: a tooltip, a picture's description, a folded part, a reviewer's comment. A caller may
 * keep these for its agent where it has judged them; the rest is seen by nobody but machines.
 */
export const ON_DEMAND: ReadonlySet<How> = new Set<How>([
  ...(['alt', 'title', 'label', 'link-title', 'collapsed', 'aria-hidden', 'annotation', 'form-field', 'note'] as const),
  ...(['header', 'revision', 'front-matter'] as const),
])

export interface HiddenText {
  readonly text: string
  readonly how: How
  /** Place in the source that was given as text, UTF-16 units. Absent where the source is bytes. */
  readonly start?: number
  readonly end?: number
}

/** Something about the document itself that a person should know. `document.*` */
export interface ExtractionNote {
  readonly rule: NoteRule
  readonly severity: Severity
  readonly detail: string
}

/** `blocks`: part of the document was not read, so that the extraction is not complete. */
const NOTES = {
  'document.too-large': { severity: 'high', blocks: true },
  'document.budget': { severity: 'high', blocks: true },
  'document.depth': { severity: 'high', blocks: true },
  'document.bomb': { severity: 'critical', blocks: true },
  'document.encrypted': { severity: 'high', blocks: true },
  'document.malformed': { severity: 'medium', blocks: true },
  'document.filter': { severity: 'medium', blocks: true },
  'document.font': { severity: 'medium', blocks: true },
  'document.encoding': { severity: 'medium', blocks: true },
  'document.entity': { severity: 'high', blocks: true },
  'document.unknown': { severity: 'medium', blocks: true },
  'document.nested': { severity: 'high', blocks: true },
  'document.polyglot': { severity: 'high', blocks: true },
  'document.part': { severity: 'medium', blocks: true },
  'document.mismatch': { severity: 'medium', blocks: false },
  'document.macro': { severity: 'high', blocks: false },
  'document.active': { severity: 'high', blocks: false },
  'document.external': { severity: 'medium', blocks: false },
  'document.pixels': { severity: 'low', blocks: false },
} as const satisfies Readonly<Record<string, { severity: Severity; blocks: boolean }>>
export type NoteRule = keyof typeof NOTES

/** Everything that can be read in a document. Nothing that was in it is left out without a note. */
export interface Extraction {
  /** What the document was read as. */
  readonly kind: string
  readonly visible: string
  readonly hidden: readonly HiddenText[]
  readonly notes: readonly ExtractionNote[]
  /** False: some part could not be read. That is a finding, never a clean result (T-145). */
  readonly complete: boolean
}

/** Bounds of one document. Work is counted, not timed, so that every machine gives the same answer. */
export const EXTRACT_LIMITS = Object.freeze({
  /** Bytes or UTF-16 units of the document. */
  input: 10_000_000,
  /** UTF-16 units of all text that comes out. */
  output: 12_000_000,
  /** Separate pieces of hidden text. */
  pieces: 50_000,
  /** Units of work; about one a byte, character or node that is looked at. */
  work: 120_000_000,
  /** Documents in documents: attachments, `srcdoc`. */
  nesting: 3,
  notes: 100,
})

/** Thrown by `Collector` where the document costs too much; `extractDocument` turns it into a note. */
export class BudgetEnd extends Error {
  readonly rule: NoteRule
  constructor(rule: NoteRule, detail: string) {
    super(detail)
    this.rule = rule
  }
}

/** What a parser may do with a collector. */
export type Sink = Pick<Collector, 'show' | 'hide' | 'note' | 'spend'>

/** Gathers what the parsers of one document find, within its limits. */
export class Collector {
  readonly #visible: string[] = []
  readonly #hidden: HiddenText[] = []
  readonly #notes: ExtractionNote[] = []
  readonly #said = new Set<string>()
  #complete = true
  #output = 0
  #work = 0

  /** Text that a reader of the document sees. */
  show(text: string): void {
    this.#grow(text.length)
    this.#visible.push(text)
  }

  /** Text that a reader does not see. White space alone is none. */
  hide(text: string, how: How, start?: number, end?: number): void {
    if (text.trim() === '') return
    this.#grow(text.length)
    if (this.#hidden.length >= EXTRACT_LIMITS.pieces) {
      throw new BudgetEnd('document.budget', 'There are too many pieces of hidden text.')
    }
    this.#hidden.push(start === undefined || end === undefined ? { text, how } : { text, how, start, end })
  }

  /** Says something once. */
  note(rule: NoteRule, detail: string): void {
    const { severity, blocks } = NOTES[rule]
    if (blocks) this.#complete = false
    if (this.#said.has(`${rule} ${detail}`) || this.#notes.length >= EXTRACT_LIMITS.notes) return
    this.#said.add(`${rule} ${detail}`)
    this.#notes.push({ rule, severity, detail })
  }

  /** Units of work so far. */
  get work(): number {
    return this.#work
  }

  /** @throws BudgetEnd */
  spend(units: number): void {
    this.#work += units
    if (this.#work > EXTRACT_LIMITS.work) throw new BudgetEnd('document.budget', 'The document takes too much work.')
  }

  #grow(units: number): void {
    this.#output += units + 1
    this.spend(units + 1)
    if (this.#output > EXTRACT_LIMITS.output) throw new BudgetEnd('document.bomb', 'The document unfolds to too much.')
  }

  finish(kind: string): Extraction {
    const visible = this.#visible.join('')
    return { kind, visible, hidden: this.#hidden, notes: this.#notes, complete: this.#complete }
  }
}
