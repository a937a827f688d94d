import type { ReactNode } from 'react'
import { Value } from '../../ui/value.tsx'
import { Empty } from '../../ui/states.tsx'
import type { Json, Members } from './model.ts'
import styles from './record.module.css'

interface Leaf {
  readonly path: string
  readonly value: string
}

const MOST = 500

interface ArgumentsProps {
  readonly record: Members
  /** What stands below a value, e.g. the way to the result that it came from. */
  readonly source?: (path: string) => ReactNode
}

/** Arguments of a call as they were recorded, one leaf a line, with what is known of where each came from. */
export function Arguments({ record, source }: ArgumentsProps) {
  const leaves = leavesOf(record['parameters'] ?? null)
  const origins = Array.isArray(record['origins']) ? (record['origins'] as readonly Members[]) : []
  if (leaves.length === 0) return <Empty>This record holds no arguments.</Empty>
  return (
    <dl className={styles.leaves}>
      {leaves.slice(0, MOST).map(({ path, value }) => {
        const origin = origins.find((each) => each['path'] === path)
        return (
          <div key={path}>
            <dt>
              <Value text={path} />
              {origin !== undefined && <span className={styles.origin}>{originWords(origin)}</span>}
            </dt>
            <dd>
              <Value text={value} foldAt={600} />
              {source?.(path)}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

const ORIGINS: Readonly<Record<string, string>> = {
  user: 'the user said it',
  known: 'the operator knows it',
  trusted: 'from trusted results',
  record: 'belongs to a record that the user named',
  ambiguous: 'the user’s words do not settle it',
  untrusted: 'nobody vouches for it',
}

function originWords({ origin, from }: Members): string {
  const word = typeof origin === 'string' ? origin : ''
  const tools = Array.isArray(from) && from.length > 0 ? `; stands in ${from.join(', ')}` : ''
  return `${ORIGINS[word] ?? word}${tools}`
}

/** Scalars with their paths, as everywhere in the product: `to[0]`, `message.subject`. */
function leavesOf(value: Json, path = ''): readonly Leaf[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((each, i) => leavesOf(each, `${path}[${i}]`))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, each]) =>
      leavesOf(each as Json, path === '' ? name : `${path}.${name}`),
    )
  }
  return path === '' && value === null
    ? []
    : [{ path, value: typeof value === 'string' ? value : JSON.stringify(value) }]
}
