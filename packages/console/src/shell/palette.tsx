import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { PAGES } from '../routes.tsx'
import { cx } from '../ui/cx.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { openStop } from './open.ts'
import styles from './panels.module.css'

interface Entry {
  readonly words: string
  readonly note: string
  readonly to?: string
  readonly run?: () => void
}

const IDS: readonly (readonly [pattern: RegExp, path: string, what: string])[] = [
  [/^(?:a-|apr_)\w+$/, '/approvals/', 'approval'],
  [/^s-\w+$/, '/sessions/', 'session'],
  [/^evt_\w+$/, '/log/', 'record'],
  [/^al-\w+$/, '/alerts/', 'alert'],
]

/** Jumps and verbs, never a decision: there is no "approve" here. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const entries = found(text.trim())
  const pick = (entry: Entry | undefined): void => {
    if (entry === undefined) return
    onClose()
    if (entry.to !== undefined) void navigate({ to: entry.to })
    else entry.run?.()
  }
  return (
    <Dialog title="Go to" onClose={onClose} place="top">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          pick(entries[at])
        }}
      >
        <Field
          label={<span className="hidden-text">Page, id or agent</span>}
          placeholder="A page, or an id: a-…, s-…, evt_…"
          data-first
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={(event) => {
            const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
            if (step === 0) return
            event.preventDefault()
            setAt(Math.max(0, Math.min(entries.length - 1, at + step)))
          }}
        />
      </form>
      <ul className={styles.results}>
        {entries.map((entry, index) => (
          <li key={entry.words} className={cx(index === at && styles.picked)}>
            <a
              href={entry.to ?? '#'}
              onClick={(event) => {
                event.preventDefault()
                pick(entry)
              }}
            >
              {entry.words}
              <span className={styles.note}>{entry.note}</span>
            </a>
          </li>
        ))}
        {entries.length === 0 && <li>Nothing is called that. An id is found when it is pasted whole.</li>}
      </ul>
    </Dialog>
  )
}

function found(text: string): readonly Entry[] {
  const id = IDS.find(([pattern]) => pattern.test(text))
  if (id !== undefined) return [{ words: text, note: `Open this ${id[2]}`, to: id[1] + text }]
  const pages = PAGES.flatMap(({ path, nav }) =>
    nav === undefined ? [] : [{ words: nav.words, note: path, to: path }],
  )
  const verbs: readonly Entry[] = [
    { words: 'Stop agents…', note: '⇧K', run: openStop },
    { words: 'Explain a call', note: 'policies', to: '/policies/explain' },
  ]
  const digest: readonly Entry[] = /^[0-9a-f]{8,64}$/.test(text)
    ? [{ words: `Records with digest ${text}`, note: 'log', to: `/log?q=${text}` }]
    : []
  const log: readonly Entry[] =
    text === '' || digest.length > 0
      ? []
      : [{ words: `Open log for ${text}`, note: 'log', to: `/log?q=${encodeURIComponent(text)}` }]
  const matches = [...pages, ...verbs].filter(({ words }) => words.toLowerCase().includes(text.toLowerCase()))
  return [...matches, ...digest, ...log]
}
