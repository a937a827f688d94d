import { useState } from 'react'
import type { Summary } from './model.ts'

interface Still {
  readonly rows: readonly Summary[]
  /** Requests that came and are not in `rows` yet. */
  readonly fresh: readonly Summary[]
  readonly showNew: () => void
}

/**
 * Rows that do not move under the pointer: while somebody looks (`busy`), new requests collect and rows keep their places.
 * A row that ends while it is selected stays, with its outcome. `view` is the filter and order; a change of it sorts anew.
 */
export function useStill(
  waiting: readonly Summary[],
  all: readonly Summary[],
  selected: string | undefined,
  view: string,
  busy: () => boolean,
): Still {
  const [order, setOrder] = useState({ view, ids: waiting.map(({ id }) => id) })
  const kept = order.view === view ? order.ids : []
  const byId = new Map(all.map((item) => [item.id, item]))
  const isThere = new Set(waiting.map(({ id }) => id))
  const rows = kept.filter((id) => isThere.has(id) || id === selected).flatMap((id) => byId.get(id) ?? [])
  const fresh = waiting.filter(({ id }) => !kept.includes(id))
  const showNew = (): void => setOrder({ view, ids: waiting.map(({ id }) => id) })
  const mayMove = order.view !== view || !rows.some(({ id }) => isThere.has(id)) || !busy()
  if (fresh.length > 0 && mayMove) {
    const ended = rows.filter(({ id }) => !isThere.has(id)).map(({ id }) => id)
    const ids = [...ended, ...waiting.map(({ id }) => id)]
    setOrder({ view, ids })
    return { rows: ids.flatMap((id) => byId.get(id) ?? []), fresh: [], showNew }
  }
  return { rows, fresh, showNew }
}
