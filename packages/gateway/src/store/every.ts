import type { Document, DocumentKind, DocumentQuery, Store } from './ports.ts'

const PAGE = 500

/**
 * Every document of a kind, by id, however many there are. A row that is not believed leaves its page short, so that only an empty
 * page is the end: one row that somebody changed hides no other (T-004).
 */
export async function everyDocument(
  store: Pick<Store, 'list'>,
  kind: DocumentKind,
  query: Pick<DocumentQuery, 'state'> = {},
): Promise<readonly Document[]> {
  const all: Document[] = []
  for (let after = ''; ;) {
    const page = await store.list(kind, { ...query, after, limit: PAGE })
    const last = page.at(-1)
    if (last === undefined) return all
    all.push(...page)
    after = last.id
  }
}
