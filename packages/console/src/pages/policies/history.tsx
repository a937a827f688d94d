import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { LineDiff } from '../../ui/line-diff.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import type { Change, Draft, PolicyFile } from './model.ts'
import styles from './history.module.css'

/** Changes of policy, newest first; any of them can be taken up again as a draft. */
export function History() {
  const history = useGet<{ readonly changes: readonly Change[] }>(
    '/api/v1/policy/history',
    { limit: 100 },
    { topics: ['policy'] },
  )
  return (
    <Answered of={history} failed="The history could not be loaded.">
      {({ changes }) =>
        changes.length === 0 ? (
          <Empty>No policy was ever changed here.</Empty>
        ) : (
          <ol className={styles.list}>
            {changes.map((change) => (
              <Row key={`${change.number} ${change.timestamp}`} change={change} />
            ))}
          </ol>
        )
      }
    </Answered>
  )
}

function Row({ change }: { readonly change: Change }) {
  const { number, timestamp, action, actor, newVersion, diff, widening, valid, error, reviewers } = change
  const [open, setOpen] = useState(false)
  const unknown = actor === 'unknown'
  const isFirst = action === 'load' && number <= 1
  const touched = [
    [diff.rulesAdded.length, 'added'],
    [diff.rulesRemoved.length, 'removed'],
    [diff.rulesModified.length, 'changed'],
  ] as const
  return (
    <li className={styles.row}>
      <div className={styles.line}>
        <time dateTime={timestamp}>{timestamp.slice(0, 19).replace('T', ' ')}</time>
        <strong>{newVersion || 'not readable'}</strong>
        <span className={unknown && !isFirst ? styles.bad : undefined}>
          {unknown ? (isFirst ? 'read from files' : 'unknown, file changed on disk') : actor.replace('operator:', '')}
        </span>
        <span>{action}</span>
        {!valid && <Chip tone="deny">refused</Chip>}
        {widening.length > 0 && <Chip tone="deny">allows more</Chip>}
        {valid && widening.length === 0 && action !== 'load' && <Chip tone="allow">tightens only</Chip>}
      </div>
      <p className={styles.small}>
        {touched
          .filter(([count]) => count > 0)
          .map(([count, word]) => `${count} ${count === 1 ? 'rule' : 'rules'} ${word}`)
          .join(', ') || 'no rule changed'}
        {reviewers !== undefined &&
          reviewers.length > 1 &&
          `, agreed by ${reviewers.map((id) => id.replace('operator:', '')).join(' and ')}`}
      </p>
      {error !== undefined && <p className={styles.bad}>{error}</p>}
      {number > 0 && (
        <div className={styles.acts}>
          <Button small aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide the texts' : 'Show the texts'}
          </Button>
          <Restore number={number} />
        </div>
      )}
      {open && <Texts number={number} />}
    </li>
  )
}

function Restore({ number }: { readonly number: number }) {
  const navigate = useNavigate()
  const may = useMay('policy')
  const [problem, setProblem] = useState<Problem>()
  const restore = async (): Promise<void> => {
    try {
      const draft = await post<Draft>('/api/v1/policy/drafts', { from: number })
      await refetch('/api/v1/policy')
      await navigate({ to: `/policies/draft/${draft.id}` })
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  return (
    <>
      <Button small disabled={!may} onClick={() => void restore()}>
        Restore as draft
      </Button>
      {problem !== undefined && <Failure what="It could not be taken up." problem={problem} />}
    </>
  )
}

interface Load {
  readonly files: readonly PolicyFile[]
  readonly before: readonly PolicyFile[]
}

function Texts({ number }: { readonly number: number }) {
  const load = useGet<Load>(`/api/v1/policy/history/${number}`)
  return (
    <Answered of={load} failed="The texts could not be loaded.">
      {({ files, before }) => {
        const changed = files.filter(({ path, text }) => before.find((file) => file.path === path)?.text !== text)
        if (changed.length === 0) return <p className={styles.small}>No text differs from the load before.</p>
        return changed.map(({ path, text }) => (
          <section key={path} className={styles.text}>
            <h3>{path}</h3>
            <LineDiff before={before.find((file) => file.path === path)?.text ?? ''} after={text} />
          </section>
        ))
      }}
    </Answered>
  )
}
