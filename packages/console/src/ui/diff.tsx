import { useState } from 'react'
import { Button } from './button.tsx'
import { diffWords, type DiffPart } from './diff-words.ts'
import { Value } from './value.tsx'
import styles from './diff.module.css'

interface DiffProps {
  readonly before: string
  readonly after: string
  readonly beforeTitle: string
  readonly afterTitle: string
}

/** Two texts side by side (below each other on phones), word by word; hidden characters are seen on both sides. */
export function Diff({ before, after, beforeTitle, afterTitle }: DiffProps) {
  const parts = diffWords(before, after)
  return (
    <div className={styles.diff}>
      <Side title={beforeTitle} parts={parts.filter(({ kind }) => kind !== 'added')} />
      <Side title={afterTitle} parts={parts.filter(({ kind }) => kind !== 'removed')} />
    </div>
  )
}

function Side({ title, parts }: { readonly title: string; readonly parts: readonly DiffPart[] }) {
  return (
    <section className={styles.side}>
      <h3>{title}</h3>
      <div className={styles.text}>
        {parts.map((part, at) =>
          part.kind === 'same' ? (
            <Unchanged key={at} text={part.text} />
          ) : part.kind === 'added' ? (
            <ins key={at}>
              <Value text={part.text} />
            </ins>
          ) : (
            <del key={at}>
              <Value text={part.text} />
            </del>
          ),
        )}
      </div>
    </section>
  )
}

const KEPT_LINES = 3

function Unchanged({ text }: { readonly text: string }) {
  const [open, setOpen] = useState(false)
  const lines = text.split('\n')
  if (open || lines.length <= 2 * KEPT_LINES + 1) return <Value text={text} />
  return (
    <>
      <Value text={lines.slice(0, KEPT_LINES).join('\n')} />
      <Button small kind="quiet" onClick={() => setOpen(true)}>
        {lines.length - 2 * KEPT_LINES} lines are the same
      </Button>
      <Value text={lines.slice(-KEPT_LINES).join('\n')} />
    </>
  )
}
