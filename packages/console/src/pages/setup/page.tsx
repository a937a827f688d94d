import { useEffect, useState } from 'react'
import { get, post, Problem } from '../../api/client.ts'
import { Mark } from '../../shell/mark.tsx'
import { useTitle } from '../../shell/title.ts'
import { clockText } from '../../ui/countdown.tsx'
import { cx } from '../../ui/cx.ts'
import { Agents } from './agents.tsx'
import { Codes } from './codes.tsx'
import type { LinkView } from './link.ts'
import { Refused } from './refused.tsx'
import { Strict } from './strict.tsx'
import { TryIt } from './try-it.tsx'
import { You } from './you.tsx'
import styles from './page.module.css'

const STEPS = [
  ['You', 'Your name and your passkey'],
  ['Recovery', 'Eight codes, for the day the passkey is lost'],
  ['Agents', 'What goes through the gateway'],
  ['How strict', 'What holds here, measured'],
  ['Try it', 'A safe attack, 30 seconds'],
] as const

type State =
  | { readonly at: 'redeeming' }
  | { readonly at: 'refused'; readonly problem: Problem }
  | { readonly at: 'step'; readonly step: number; readonly link: LinkView; readonly codes: readonly string[] }

/** Is it mine? From the one-time link to a passkey, on one page with one decision at a time. */
export function Page() {
  const [state, setState] = useState<State>({ at: 'redeeming' })
  useTitle('Set up')
  useEffect(() => {
    let current = true
    void redeem().then((found) => {
      if (current) setState(found)
    })
    return () => {
      current = false
    }
  }, [])
  const step = state.at === 'step' ? state.step : 0
  const go = (to: number, more: Partial<{ codes: readonly string[]; link: LinkView }> = {}): void => {
    if (state.at === 'step') setState({ ...state, ...more, step: to })
  }
  return (
    <div className={styles.page}>
      <aside className={styles.panel}>
        <p className={styles.brand}>
          <Mark /> Sallyport
        </p>
        <ol className={styles.steps}>
          {STEPS.map(([name, note], at) => (
            <li
              key={name}
              className={cx(at < step && styles.done, at === step && styles.now)}
              aria-current={at === step ? 'step' : undefined}
            >
              <span className={styles.number}>{at < step ? '✓' : at + 1}</span>
              <span>
                <b>{name}</b>
                <span className={styles.note}>{note}</span>
              </span>
            </li>
          ))}
        </ol>
        <p className={styles.phoneStep}>
          Step {step + 1} of {STEPS.length}
        </p>
        {state.at === 'step' && step === 0 && <Ends at={state.link.endsAt} />}
      </aside>
      <main className={styles.main}>
        <div className={styles.decision}>
          {state.at === 'redeeming' && <p role="status">Opening the link…</p>}
          {state.at === 'refused' && (
            <Refused problem={state.problem} onLink={(link) => setState({ at: 'step', step: 0, link, codes: [] })} />
          )}
          {state.at === 'step' && step === 0 && (
            <You
              link={state.link}
              onDone={(codes, name) => {
                // who has codes already, and a device, are done
                if (codes.length === 0) location.assign('/approvals')
                else go(1, { codes, link: { ...state.link, name } })
              }}
            />
          )}
          {state.at === 'step' && step === 1 && <Codes codes={state.codes} onDone={() => go(2)} />}
          {state.at === 'step' && step === 2 && <Agents onDone={() => go(3)} />}
          {state.at === 'step' && step === 3 && <Strict onBack={() => go(2)} onDone={() => go(4)} />}
          {state.at === 'step' && step === 4 && <TryIt onBack={() => go(3)} />}
        </div>
      </main>
    </div>
  )
}

/** The code stands behind `#` and never leaves the page in an address: it is taken away before the first request. */
async function redeem(): Promise<State> {
  const code = location.hash.replace(/^#(?:code=)?/, '')
  history.replaceState(history.state, '', location.pathname)
  try {
    const link =
      code === '' ? await get<LinkView>('/api/v1/setup') : await post<LinkView>('/api/v1/setup/redeem', { code })
    return { at: 'step', step: 0, link, codes: [] }
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    return { at: 'refused', problem }
  }
}

function Ends({ at }: { readonly at: string | number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000)
    return () => window.clearInterval(timer)
  }, [])
  const left = Math.max(0, Math.round((new Date(at).getTime() - now) / 1000))
  return (
    <p className={styles.ends}>
      This set-up link works once and ends in <b className="num">{clockText(left)}</b>. It now belongs to this browser.
    </p>
  )
}
