import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { refetch, useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/field.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { type Outcome, type Simulation } from './model.ts'
import styles from './panel.module.css'

const KINDS: readonly (readonly [words: string, before: Outcome, after: Outcome, looser: boolean])[] = [
  ['Asked before, would now pass', 'ask', 'allow', true],
  ['Denied before, would now pass', 'deny', 'allow', true],
  ['Denied before, would now be asked', 'deny', 'ask', true],
  ['Passed before, would now be asked', 'allow', 'ask', false],
  ['Passed before, would now be denied', 'allow', 'deny', false],
  ['Asked before, would now be denied', 'ask', 'deny', false],
]

/** Recorded calls judged by the draft: only what changes, with exact counts. */
export function SimulatePanel({ draft, isDirty }: { readonly draft: string; readonly isDirty: boolean }) {
  const [window_, setWindow] = useState('week')
  const [problem, setProblem] = useState<Problem>()
  const list = useGet<{ readonly simulations: readonly Simulation[] }>('/api/v1/policy/simulations', {}, { every: 700 })
  const act = async (path: string, body: object): Promise<void> => {
    try {
      setProblem(undefined)
      await post(path, body)
      await refetch('/api/v1/policy/simulations')
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  return (
    <>
      <div className={styles.ask}>
        <Choice
          label="Against the calls of the last"
          value={window_}
          options={[
            ['day', 'day'],
            ['week', 'week'],
            ['month', '30 days'],
          ]}
          onChange={setWindow}
        />
        <Button
          small
          disabled={isDirty}
          onClick={() => void act(`/api/v1/policy/drafts/${draft}/simulate`, { window: window_ })}
        >
          Simulate the draft
        </Button>
      </div>
      {isDirty && <p className={styles.note}>Save the draft first: what is saved is judged.</p>}
      {problem !== undefined && <Failure what="The simulation did not start." problem={problem} />}
      <Answered of={list} failed="Simulations could not be loaded.">
        {({ simulations }) => {
          const newest = simulations.find((one) => one.draft === draft)
          if (newest === undefined)
            return <p className={styles.note}>Not simulated yet. Nothing is called or changed by it.</p>
          return <Result of={newest} cancel={() => void act(`/api/v1/policy/simulations/${newest.id}/cancel`, {})} />
        }}
      </Answered>
    </>
  )
}

const WORDS = { running: 'running', done: 'done', cancelled: 'cancelled', failed: 'failed' } as const

function Result({ of, cancel }: { readonly of: Simulation; readonly cancel: () => void }) {
  const [open, setOpen] = useState('')
  return (
    <>
      <p className={styles.sum} role="status">
        <strong>
          Against the last {of.window}: {of.calls} calls
        </strong>
        <span>
          {WORDS[of.state]}
          {of.state === 'running' && `, ${Math.round(of.progress * 100)} %, ${of.callsPerSecond} calls/s`}
        </span>
      </p>
      <progress className={styles.progress} value={of.progress} aria-label="Share of the window that was read" />
      {of.state === 'running' && (
        <Button small onClick={cancel}>
          Cancel the simulation
        </Button>
      )}
      {of.problem !== '' && <p className={styles.bad}>{of.problem}</p>}
      <ul className={styles.kinds}>
        {KINDS.map(([words, before, after, looser]) => {
          const groups = of.groups.filter((group) => group.before === before && group.after === after)
          const count = groups.reduce((sum, group) => sum + group.count, 0)
          return (
            <li key={words}>
              <button
                type="button"
                className={styles.kind}
                disabled={count === 0}
                aria-expanded={open === words}
                onClick={() => setOpen(open === words ? '' : words)}
              >
                <span>{words}</span>
                <span className={looser && count > 0 ? styles.red : 'num'}>{count}</span>
              </button>
              {open === words && (
                <ul className={styles.groups}>
                  {groups.map(({ agent, tool, count: calls }) => (
                    <li key={`${agent} ${tool}`}>
                      <Link to="/log" search={{ q: `agent:${agent} tool:${tool}` }}>
                        {agent} · <code>{tool}</code>
                      </Link>
                      <span className="num">{calls}</span>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          )
        })}
      </ul>
      {of.drifted > 0 && (
        <p className={styles.note}>
          {of.drifted} calls would be answered in another way today even by the policy in force: tools or labels have
          changed since.
        </p>
      )}
      {of.left > 0 && (
        <p className={styles.note}>
          {of.left} records could not be judged again: a gate decided before policy did, or the tool is gone.
        </p>
      )}
    </>
  )
}
