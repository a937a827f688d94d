import type { StoredRecord } from '@sallyport/core'
import { SallyportError } from '@sallyport/core/errors/error'
import type { Checkpoint, LogQuery } from '../ports.ts'
import { listQuery, logQuery, STATEMENTS } from '../sql.ts'
import type { Statement } from './database.ts'
import type { Op } from './protocol.ts'

/** Answers the operations that change nothing; they see what the batch before them has committed. */
export function readOp(op: Op, prepare: (text: string) => Statement): unknown {
  switch (op.op) {
    case 'append':
      // The empty one that leads a batch without records.
      return null
    case 'get':
      return prepare(STATEMENTS.get).get(op.kind, op.id) ?? null
    case 'list': {
      const { text, values } = listQuery(op.kind, op.query)
      return prepare(text).all(...values)
    }
    case 'sweep':
      return prepare(STATEMENTS.sweep).all(op.after[0], op.after[0], op.after[1], op.limit)
    case 'readLog': {
      const { text, values } = logQuery(inOrder(op.query, prepare))
      const rows = prepare(text).all(...values) as StoredRecord[]
      return op.query.newest === true ? rows.reverse() : rows
    }
    case 'checkpoints':
      return (prepare(STATEMENTS.checkpoints).all(op.stream, op.limit) as Checkpoint[]).reverse()
    case 'tile': {
      const row = prepare(STATEMENTS.tile).get(op.stream, op.level, op.index) as { hashes: string } | undefined
      return row?.hashes ?? ''
    }
    case 'streams':
      return (prepare(STATEMENTS.streams).all() as { stream: string }[]).map((row) => row.stream)
    default:
      throw new SallyportError('SP_INTERNAL', `${op.op} does not only read.`)
  }
}

/**
 * A query that no index answers walks the only stream there is by its primary key and stops when it has enough, instead of
 * sorting the whole log.
 */
function inOrder(query: LogQuery, prepare: (text: string) => Statement): LogQuery {
  const { stream, session, auditId, from, to } = query
  if ([stream, session, auditId, from, to].some((given) => given !== undefined)) return query
  const [only, ...others] = prepare(STATEMENTS.streams).all() as { stream: string }[]
  return only === undefined || others.length > 0 ? query : { ...query, stream: only.stream }
}
