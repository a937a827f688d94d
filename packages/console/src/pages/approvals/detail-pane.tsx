import { useNavigate } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { approval } from '../../api/approvals.ts'
import { useAsk } from '../../api/query.ts'
import { useKeys } from '../../shell/keys.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Countdown } from '../../ui/countdown.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Answered } from '../../ui/states.tsx'
import { DecisionBar } from './decision-bar.tsx'
import { Detail } from './detail.tsx'
import { detailOf, isWaiting, type Answer } from './model.ts'
import { foldsOf, Seen, useSeen } from './seen.ts'
import styles from './detail.module.css'

const RuleDialog = lazy(async () => ({ default: (await import('./rule-dialog.tsx')).RuleDialog }))
const Explain = lazy(async () => ({ default: (await import('../log/explain.tsx')).Explain }))

interface PaneProps {
  readonly id: string
  readonly position: { readonly at: number; readonly of: number } | undefined
  readonly goOn: () => void
}

/** One request: what is asked, and the bar where it is decided. */
export function DetailPane({ id, position, goOn }: PaneProps) {
  const answer = useAsk(approval<Answer>(id))
  const navigate = useNavigate()
  return (
    <div className={styles.pane}>
      <div className={styles.phoneHead}>
        <IconButton label="Back to the list" onClick={() => void navigate({ to: '/approvals', search: true })}>
          <ChevronLeft size={20} aria-hidden="true" />
        </IconButton>
        {position !== undefined && (
          <span className={styles.position}>
            {position.at} of {position.of}
          </span>
        )}
        {answer.data !== undefined && isWaiting(answer.data) && (
          <Countdown until={answer.data.expiresAt} from={answer.data.createdAt} />
        )}
      </div>
      <Answered of={answer} failed="The request could not be loaded." rows={10}>
        {(data) => <Loaded answer={data} goOn={goOn} />}
      </Answered>
    </div>
  )
}

function Loaded({ answer, goOn }: { readonly answer: Answer; readonly goOn: () => void }) {
  const detail = detailOf(answer)
  const [unfolded, setUnfolded] = useState(false)
  const [json, setJson] = useState(false)
  const [explaining, setExplaining] = useState(false)
  const [drafting, setDrafting] = useState(false)
  const navigate = useNavigate()
  const scroller = useRef<HTMLDivElement>(null)
  const seen = useSeen(scroller, detail, answer.callDigest)
  const { auditId } = answer
  useKeys({
    J: { say: 'Arguments as canonical JSON', run: () => setJson(!json) },
    s: { say: 'Story of the session', run: () => void navigate({ to: `/sessions/${answer.sessionId}` }) },
    ...(auditId === undefined ? {} : { e: { say: 'Explain: the rules in order', run: () => setExplaining(true) } }),
  })
  useEffect(() => {
    // what it returns is a promise in newer browsers, which would be taken for a way to clean up
    scroller.current?.scrollTo(0, 0)
  }, [answer.callDigest])
  return (
    <Seen value={seen.context}>
      <div className={styles.scroll} ref={scroller}>
        <Detail
          answer={answer}
          detail={detail}
          unfolded={unfolded}
          json={json}
          onJson={() => setJson(!json)}
          onExplain={auditId === undefined ? undefined : () => setExplaining(true)}
          onRule={() => setDrafting(true)}
        />
      </div>
      <DecisionBar
        // made anew for every digest: what is pressed down here and let go there meets nothing (T-027)
        key={`${answer.callDigest} ${answer.view.subject}`}
        answer={answer}
        detail={detail}
        missing={seen.missing}
        unfold={() => {
          setUnfolded(!unfolded)
          for (const name of foldsOf(detail)) seen.context.opened(name)
        }}
        goOn={goOn}
        onRule={() => setDrafting(true)}
      />
      {drafting && (
        <Suspense fallback={null}>
          <RuleDialog answer={answer} onClose={() => setDrafting(false)} />
        </Suspense>
      )}
      {explaining && auditId !== undefined && (
        <Dialog
          title="Why it was held"
          onClose={() => setExplaining(false)}
          actions={
            <Button data-first onClick={() => setExplaining(false)}>
              Close
            </Button>
          }
        >
          <Suspense fallback={null}>
            <Explain auditId={auditId} />
          </Suspense>
        </Dialog>
      )}
    </Seen>
  )
}
