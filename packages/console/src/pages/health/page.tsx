import { Download, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useKeys } from '../../shell/keys.ts'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import { Findings } from './findings.tsx'
import { Hero } from './hero.tsx'
import type { History, Report } from './model.ts'
import styles from './page.module.css'
import { Tiles } from './tiles.tsx'
import { Works } from './works.tsx'

const TOPICS = ['health'] as const
const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Is it set up well, and is it getting better? */
export function Page() {
  const [{ days }] = useView({ days: '30' })
  const shown = days === '7' ? '7' : '30'
  const report = useGet<Report>('/api/v1/health', {}, { topics: TOPICS, every: 60_000 })
  const history = useGet<History>('/api/v1/health/history', { days: shown }, { topics: TOPICS, keep: true })
  const { busy, problem, check } = useCheck()
  useKeys({ c: { say: 'Check now', run: check } })
  const { data } = report
  return (
    <Screen
      title="Health"
      aside={data?.checkedAt === undefined ? undefined : <Times report={data} />}
      actions={
        <>
          {data?.checkedAt !== undefined && (
            <Button icon={<Download size={14} aria-hidden="true" />} onClick={() => save(data, history.data)}>
              Report
            </Button>
          )}
          <Button icon={<RefreshCw size={14} aria-hidden="true" />} disabled={busy} onClick={check}>
            {busy ? 'Checking' : 'Check now'}
          </Button>
        </>
      }
    >
      <div aria-live="polite" className="hidden-text">
        {busy ? 'Checking' : ''}
      </div>
      {problem !== undefined && <Failure what="The check could not be made." problem={problem} again={check} />}
      <Answered of={report} failed="The score could not be loaded.">
        {(found) =>
          found.score === undefined ? (
            <Empty
              action={
                <Button kind="ink" disabled={busy} onClick={check}>
                  Check now
                </Button>
              }
            >
              No check yet.
            </Empty>
          ) : (
            <div className={styles.page}>
              <Hero report={found} history={history.data} days={shown} />
              <div className={styles.columns}>
                <Findings findings={found.findings} />
                <Works fine={found.fine} unknown={found.unknown} />
              </div>
              <Answered of={history} failed="The history could not be loaded.">
                {(past) => <Tiles week={found.week} days={past.days} />}
              </Answered>
            </div>
          )
        }
      </Answered>
    </Screen>
  )
}

function Times({ report: { checkedAt = 0, nextAt } }: { readonly report: Report }) {
  const next = nextAt > serverNow() ? `, next at ${HOUR.format(nextAt)}` : ''
  return (
    <span className="num">
      checked {HOUR.format(checkedAt)}
      {next}
    </span>
  )
}

function useCheck() {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const check = (): void => {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    void post('/api/v1/health/check')
      .then(() => refetch('/api/v1/health'))
      .catch((thrown: unknown) => setProblem(thrown instanceof Problem ? thrown : undefined))
      .finally(() => setBusy(false))
  }
  return { busy, problem, check }
}

/** What is on this page, as a file. */
function save(report: Report, history: History | undefined): void {
  const text = JSON.stringify({ report, history }, undefined, 2)
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `sallyport-health-${new Date(report.checkedAt ?? 0).toISOString().slice(0, 10)}.json`
  link.click()
  URL.revokeObjectURL(address)
}
