import {
  defaultTreeAdapter,
  Parser,
  type DefaultTreeAdapterMap,
  type DefaultTreeAdapterTypes,
  type TreeAdapter,
} from 'parse5'
import { BudgetEnd, type Sink } from '../extraction.ts'

/** Beyond these the parser's own work would grow faster than its input. */
const HTML_LIMITS = Object.freeze({
  /** Open elements: the parser searches their stack for every tag. */
  depth: 400,
  nodes: 400_000,
  /** Attributes of one tag: the parser compares each with all before it. */
  attributes: 1_000,
  /** Units that are given to the parser between two looks at its tag. */
  chunk: 8_192,
})

/**
 * Parses HTML as a browser with scripts does, with places in the source. Never recursive, and linear within `HTML_LIMITS`.
 * @throws BudgetEnd `document.depth` or `document.budget`
 */
export function parseHtml(source: string, collector: Sink): DefaultTreeAdapterTypes.Document {
  let depth = 0
  let nodes = 0
  const count = (): void => {
    collector.spend(4)
    if (++nodes > HTML_LIMITS.nodes) throw new BudgetEnd('document.budget', 'The page has too many nodes.')
  }
  const treeAdapter: TreeAdapter<DefaultTreeAdapterMap> = {
    ...defaultTreeAdapter,
    createElement(...given) {
      count()
      return defaultTreeAdapter.createElement(...given)
    },
    createCommentNode(data) {
      count()
      return defaultTreeAdapter.createCommentNode(data)
    },
    onItemPush() {
      collector.spend(depth)
      if (++depth > HTML_LIMITS.depth) throw new BudgetEnd('document.depth', 'The page is nested too deeply.')
    },
    onItemPop() {
      depth--
    },
  }
  const parser = new Parser<DefaultTreeAdapterMap>({
    treeAdapter,
    sourceCodeLocationInfo: true,
    scriptingEnabled: true,
  })
  const { tokenizer } = parser
  for (let at = 0; at < source.length; at += HTML_LIMITS.chunk) {
    const chunk = source.slice(at, at + HTML_LIMITS.chunk)
    collector.spend(chunk.length)
    tokenizer.write(chunk, false)
    if (attributesOf(tokenizer) > HTML_LIMITS.attributes) {
      throw new BudgetEnd('document.budget', 'A tag has too many attributes.')
    }
  }
  tokenizer.write('', true)
  return parser.document
}

/** The tag that is being read is no public member. Where a later version calls it otherwise, a test goes red. */
function attributesOf(tokenizer: object): number {
  const { currentToken } = tokenizer as { readonly currentToken?: { readonly attrs?: readonly object[] } | null }
  return currentToken?.attrs?.length ?? 0
}
