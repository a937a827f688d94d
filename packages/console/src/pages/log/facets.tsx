import { formatLogSearch, type LogSearch } from '@sallyport/core/audit/search/query'
import { useState } from 'react'
import styles from './facets.module.css'
import { countWords, type FacetsAnswer } from './model.ts'
import { readOr } from './query-line.tsx'

type Field = LogSearch['terms'][number]['field']
const SHOWN: readonly (readonly [field: Field, title: string])[] = [
  ['decision', 'Decision'],
  ['agent', 'Agent'],
  ['integrity', 'Integrity'],
  ['rule', 'Rule'],
  ['tool', 'Tool'],
  ['person', 'Person'],
  ['kind', 'Kind'],
]
const TOP = 4
const DATA: ReadonlySet<string> = new Set(['rule', 'tool'])

interface FacetsProps {
  readonly answer: FacetsAnswer | undefined
  readonly q: string
  readonly change: (q: string) => void
}

/** What the records of the search have in common, with counts; a tick narrows the search. */
export function Facets({ answer, q, change }: FacetsProps) {
  const search = readOr(q)
  return (
    <nav className={styles.facets} aria-label="Facets">
      {SHOWN.map(([field, title]) => {
        const chosen = search.terms.find((term) => term.field === field && !term.not)?.values ?? []
        const found = answer?.facets[field] ?? []
        const missing = chosen.filter((value) => !found.some((each) => each.value === value))
        const values = [
          ...found,
          ...(field === 'kind' ? [] : missing.map((value) => ({ value, n: 0, estimated: false }))),
        ]
        if (values.length === 0) return null
        return (
          <Facet
            key={field}
            {...{ field, title, values, chosen }}
            toggle={(value) => change(toggled(search, field, value))}
          />
        )
      })}
    </nav>
  )
}

interface FacetProps {
  readonly field: Field
  readonly title: string
  readonly values: NonNullable<FacetsAnswer['facets'][string]>
  readonly chosen: readonly string[]
  readonly toggle: (value: string) => void
}

function Facet({ field, title, values, chosen, toggle }: FacetProps) {
  const [all, setAll] = useState(false)
  const shown = all ? values : values.slice(0, TOP)
  return (
    <fieldset className={styles.facet}>
      <legend>{title}</legend>
      {shown.map(({ value, ...count }) => (
        <label key={value} title={value}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
          <span className={DATA.has(field) ? styles.data : styles.words} dir="ltr">
            {value}
          </span>
          <span className={styles.count}>{countWords(count)}</span>
        </label>
      ))}
      {values.length > TOP && (
        <button type="button" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? 'Fewer' : `${values.length - TOP} more`}
        </button>
      )}
    </fieldset>
  )
}

/** The search with a value of a field taken in or out. */
export function toggled(search: LogSearch, field: Field, value: string, not = false): string {
  const term = search.terms.find((each) => each.field === field && each.not === not)
  const rest = search.terms.filter((each) => each !== term)
  // a kind chosen by hand replaces the groups that it is part of
  const before = field === 'kind' ? (term?.values ?? []).filter((each) => each !== 'call') : (term?.values ?? [])
  const values = before.includes(value) ? before.filter((each) => each !== value) : [...before, value]
  return formatLogSearch({ ...search, terms: values.length === 0 ? rest : [...rest, { field, values, not }] })
}
