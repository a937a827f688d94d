import { formatLogSearch, readLogSearch, SearchFault, type LogSearch } from '@sallyport/core/audit/search/query'
import { Clock, ListFilter, X } from 'lucide-react'
import { useEffect, useId, useState, type RefObject } from 'react'
import { useGet } from '../../api/query.ts'
import { Key } from '../../ui/button.tsx'
import styles from './query-line.module.css'
import { RANGES, rangeWords, type View } from './model.ts'

interface QueryLineProps {
  readonly view: View
  readonly change: (change: Partial<View>) => void
  readonly input: RefObject<HTMLInputElement | null>
}

/** Filters as tokens, and a field that takes more of them: the language is that of `sallyport log query`. */
export function QueryLine({ view, change, input }: QueryLineProps) {
  const [draft, setDraft] = useState('')
  const [fault, setFault] = useState<string>()
  const note = useId()
  const list = useId()
  const search = readOr(view.q)
  const options = useCompletions(draft)
  const add = (): void => {
    try {
      readLogSearch(draft)
      change({ q: `${view.q} ${draft}`.trim() })
      setDraft('')
      setFault(undefined)
    } catch (thrown) {
      setFault(thrown instanceof SearchFault ? `Character ${thrown.at + 1}: ${thrown.message}` : String(thrown))
    }
  }
  return (
    <div className={styles.line}>
      <form
        role="search"
        className={styles.box}
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <ListFilter size={16} strokeWidth={1.75} aria-hidden="true" className={styles.icon} />
        {tokensOf(search).map(({ words, without }) => (
          <button
            key={words}
            type="button"
            className={styles.token}
            aria-label={`Remove ${words}`}
            onClick={() => change({ q: without })}
          >
            <code>{words}</code>
            <X size={12} aria-hidden="true" />
          </button>
        ))}
        <input
          ref={input}
          value={draft}
          list={list}
          aria-label="Add a filter"
          aria-invalid={fault !== undefined}
          aria-describedby={note}
          placeholder="Add a filter, or type words from a tool, rule or argument"
          spellCheck={false}
          autoComplete="off"
          onChange={({ target }) => {
            setDraft(target.value)
            setFault(undefined)
          }}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Escape') currentTarget.blur()
            const last = tokensOf(search).at(-1)
            if (key === 'Backspace' && draft === '' && last) change({ q: last.without })
          }}
        />
        <datalist id={list}>
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </datalist>
        <span className={styles.hint}>
          <Key>/</Key>
        </span>
      </form>
      <RangePicker view={view} change={change} />
      <p id={note} className={styles.fault} role="alert">
        {fault}
      </p>
    </div>
  )
}

function RangePicker({ view, change }: Pick<QueryLineProps, 'view' | 'change'>) {
  return (
    <label className={styles.range}>
      <Clock size={16} strokeWidth={1.75} aria-hidden="true" />
      <span className="hidden-text">Time</span>
      <select
        value={view.from === '' ? view.last : 'own'}
        onChange={({ target }) => change({ last: target.value, from: '', to: '' })}
      >
        {view.from !== '' && <option value="own">{rangeWords(view)}</option>}
        {RANGES.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </label>
  )
}

const EMPTY: LogSearch = { terms: [], words: [] }

/** The search, or an empty one where the address holds none that can be read. */
export function readOr(q: string): LogSearch {
  try {
    return readLogSearch(q)
  } catch {
    return EMPTY
  }
}

interface QueryToken {
  readonly words: string
  /** The search without it. */
  readonly without: string
}

function tokensOf({ terms, words }: LogSearch): readonly QueryToken[] {
  return [
    ...terms.map((term) => ({
      words: formatLogSearch({ terms: [term], words: [] }),
      without: formatLogSearch({ terms: terms.filter((each) => each !== term), words }),
    })),
    ...words.map((word) => ({
      words: formatLogSearch({ terms: [], words: [word] }),
      without: formatLogSearch({ terms, words: words.filter((each) => each !== word) }),
    })),
  ]
}

const FIELDS = ['kind', 'decision', 'agent', 'tool', 'rule', 'person', 'integrity', 'session', 'outcome', 'effect']

/** What the word under the cursor may become: fields, then values that the log knows. */
function useCompletions(draft: string): readonly string[] {
  const [settled, setSettled] = useState(draft)
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(draft), 120)
    return () => window.clearTimeout(timer)
  }, [draft])
  const match = /^(.*?)(?:(-?)([a-z]+):)?([^\s:]*)$/s.exec(settled)
  const [, before = '', minus = '', field = '', prefix = ''] = match ?? []
  const known = FIELDS.includes(field)
  const { data } = useGet<{ items: readonly string[] }>(
    '/api/v1/log/values',
    { field, prefix },
    { enabled: known, keep: true },
  )
  const quoted = (value: string): string => (/[\s,]/.test(value) ? `"${value}"` : value)
  if (known) return (data?.items ?? []).map((value) => `${before}${minus}${field}:${quoted(value)}`)
  return prefix === '' ? [] : FIELDS.filter((each) => each.startsWith(prefix)).map((each) => `${before}${each}:`)
}
