import { useState } from 'react'
import { cx } from './cx.ts'
import { diffLines, type DiffLine } from './diff-lines.ts'
import { Value } from './value.tsx'
import styles from './line-diff.module.css'

/** Lines around a change that stay visible. */
const AROUND = 3

interface LineDiffProps {
  readonly before: string
  readonly after: string
  /** What came is what to look at: words of others. */
  readonly risky?: boolean
}

/** Two texts of many lines, one below the other: what went, what came, and a little of what stayed. */
export function LineDiff({ before, after, risky = false }: LineDiffProps) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const lines = diffLines(before, after)
  return (
    <div className={cx(styles.lines, risky && styles.risky)}>
      {runs(lines).map((run) =>
        run.hidden && !open.has(run.at) ? (
          <button
            key={run.at}
            type="button"
            className={styles.fold}
            onClick={() => setOpen(new Set([...open, run.at]))}
          >
            {run.lines.length === 1 ? '1 line is the same' : `${run.lines.length} lines are the same`}
          </button>
        ) : (
          run.lines.map((line, at) => <Line key={`${run.at} ${at}`} line={line} />)
        ),
      )}
    </div>
  )
}

const SIGNS = { same: ' ', added: '+', removed: '−' } as const
const WORDS = { same: '', added: 'added: ', removed: 'removed: ' } as const

function Line({ line: { kind, text } }: { readonly line: DiffLine }) {
  return (
    <div className={cx(styles.line, styles[kind])}>
      <span aria-hidden="true" className={styles.sign}>
        {SIGNS[kind]}
      </span>
      <span className="hidden-text">{WORDS[kind]}</span>
      {text === '' ? <span>&nbsp;</span> : <Value text={text} />}
    </div>
  )
}

interface Run {
  readonly at: number
  readonly lines: readonly DiffLine[]
  readonly hidden: boolean
}

/** Cuts into what is shown and what is folded away. */
function runs(lines: readonly DiffLine[]): readonly Run[] {
  const near = (at: number): boolean =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ kind }) => kind !== 'same')
  const found: { at: number; lines: DiffLine[]; hidden: boolean }[] = []
  lines.forEach((line, at) => {
    const hidden = !near(at)
    const last = found.at(-1)
    if (last?.hidden === hidden) last.lines.push(line)
    else found.push({ at, lines: [line], hidden })
  })
  return found
}
