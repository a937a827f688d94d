import { readRequestUrl } from '@sallyport/core'
import { BudgetEnd, type How, type Sink } from './extraction.ts'
import { readHtml, type Marks } from './html/walk.ts'

export interface WebPage {
  readonly title: string
  readonly text: string
  /** Texts that style or attributes keep from whoever looks at the page. */
  readonly hidden: number
}

/** Units of work of one page, much less than a document may take: somebody waits for it, and so does everybody else. */
const LEAST_WORK = 4_000_000
const WORK_PER_UNIT = 6
/** Links with their addresses; the rest are words. */
const MOST_LINKS = 5_000
const LONGEST_MARK = 300
/** What every page has besides its text. */
const ORDINARY: ReadonlySet<How> = new Set<How>([
  ...([
    'script',
    'style',
    'comment',
    'meta',
    'data-attribute',
    'noscript',
    'template',
    'title',
    'alt',
    'label',
  ] as const),
  ...(['data-uri', 'doctype', 'collapsed', 'attribute', 'fallback', 'svg-description', 'svg-definition'] as const),
])

/**
 * A page as somebody reads it: what is seen, with headings, items, links and the words for pictures marked. Scripts, styles, comments and
 * whatever is hidden are not in it.
 * @param url absolute; links are read against it
 * @throws BudgetEnd, RangeError for a page that costs too much to read
 */
export function readWebPage(source: string, url: string): WebPage {
  const sink = new PageSink(LEAST_WORK + WORK_PER_UNIT * source.length)
  readHtml(source, sink, () => undefined, 0, marksFor(url, sink))
  return { title: oneLine(sink.title), text: tidy(sink.text), hidden: sink.hidden }
}

class PageSink implements Sink {
  readonly #shown: string[] = []
  readonly #most: number
  #work = 0
  #titles: string[] | undefined
  #title = ''
  hidden = 0

  /** @param most units of work */
  constructor(most: number) {
    this.#most = most
  }

  /** What is shown from now on is the title of the page. */
  beginTitle(): void {
    this.#titles = []
  }
  endTitle(): void {
    this.#title ||= this.#titles?.join('') ?? ''
    this.#titles = undefined
  }
  show(text: string): void {
    this.spend(text.length + 1)
    ;(this.#titles ?? this.#shown).push(text)
  }
  hide(text: string, how: How): void {
    this.spend(8)
    if (!ORDINARY.has(how) && text.trim() !== '') this.hidden++
  }
  note(): void {}
  spend(units: number): void {
    this.#work += units
    if (this.#work > this.#most) throw new BudgetEnd('document.budget', 'The page takes too much work.')
  }
  get title(): string {
    return this.#title
  }
  get text(): string {
    return this.#shown.join('')
  }
}

function marksFor(url: string, sink: PageSink): Marks {
  let base: string | undefined
  let links = 0
  return {
    open(tag, attributes) {
      if (tag === 'base') base ??= linkOf(attributes.get('href'), url)
      if (tag === 'title') sink.beginTitle()
      if (tag === 'img') return marked('image', attributes.get('alt'))
      const level = /^h([1-6])$/.exec(tag)?.[1]
      if (level !== undefined) return `${'#'.repeat(Number(level))} `
      return tag === 'li' ? '- ' : ''
    },
    close(tag, attributes) {
      if (tag === 'title') sink.endTitle()
      const title = tag === 'title' ? '' : marked('title', attributes.get('title'))
      const isLink = (tag === 'a' || tag === 'area') && links++ < MOST_LINKS
      const href = isLink ? linkOf(attributes.get('href'), base ?? url) : undefined
      return href === undefined ? title : `${title} <${href}>`
    },
  }
}

const marked = (what: string, text: string | undefined): string =>
  text === undefined || text.trim() === '' ? '' : ` [${what}: ${oneLine(text).slice(0, LONGEST_MARK)}] `

/**
 * Where a link leads, when all readers agree about that; undefined for places on the page itself and for everything that is no page:
 * scripts, data, mail.
 */
function linkOf(href: string | undefined, base: string): string | undefined {
  const text = href?.trim() ?? ''
  if (text === '' || text.startsWith('#') || text.length > 2_048 || text.includes('\\')) return undefined
  const read = readRequestUrl(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : absolute(text, base))
  return read.ok ? read.url.href.split('#', 1)[0] : undefined
}

function absolute(text: string, base: string): string {
  try {
    return new URL(text, base).href
  } catch {
    return ''
  }
}

const oneLine = (text: string): string => text.split(/\s/).filter(Boolean).join(' ')

/** Lines without white space around them, and one empty line at most between two. */
function tidy(text: string): string {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const trimmed = line.trimEnd().replace(/^ +/, '')
    if (trimmed !== '' || (lines.length > 0 && lines.at(-1) !== '')) lines.push(trimmed)
  }
  return lines.join('\n').trimEnd()
}
