import { BellOff, Check, Hand } from 'lucide-react'
import { useState } from 'react'
import { useLive } from '../../api/live.ts'
import { post, Problem } from '../../api/client.ts'
import { useMay, useMe } from '../../api/me.ts'
import { refetch } from '../../api/query.ts'
import { useKeys } from '../../shell/keys.ts'
import { Button } from '../../ui/button.tsx'
import { Failure } from '../../ui/states.tsx'
import type { Alert } from './model.ts'
import { ResolveDialog } from './resolve-dialog.tsx'
import { SilenceDialog } from './silence-dialog.tsx'
import styles from './acts.module.css'

const ICON = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const

/** Take, resolve, silence; why not, where one of them cannot be had. */
export function Acts({ alert }: { readonly alert: Alert }) {
  const { data: me } = useMe()
  const may = useMay('write')
  const live = useLive().kind
  const [dialog, setDialog] = useState<'resolve' | 'silence'>()
  const [problem, setProblem] = useState<Problem>()
  const mine = alert.holder !== '' && alert.holder === me?.id
  const canSilence = alert.severity !== 'critical'
  const ready = may && live === 'live'
  const take = async (): Promise<void> => {
    setProblem(undefined)
    try {
      await post(`/api/v1/alerts/${encodeURIComponent(alert.id)}/take`)
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
    await refetch('/api/v1/alerts')
  }
  const open = (which: 'resolve' | 'silence') => (): void => {
    if (ready && (which === 'resolve' || canSilence)) setDialog(which)
  }
  useKeys({
    t: { say: 'Take this alert', run: () => void (ready && !mine && void take()) },
    r: { say: 'Resolve this alert…', run: open('resolve') },
    z: { say: 'Silence alerts like this…', run: open('silence') },
  })
  return (
    <footer className={styles.bar}>
      {problem !== undefined && <Failure what="The alert was not taken." problem={problem} />}
      <div className={styles.row}>
        <p className={styles.note}>{noteOf(may, live, canSilence)}</p>
        <div className={styles.buttons}>
          <Button disabled={!ready || !canSilence} hint="Z" icon={<BellOff {...ICON} />} onClick={open('silence')}>
            Silence…
          </Button>
          <Button disabled={!ready} hint="R" icon={<Check {...ICON} />} onClick={open('resolve')}>
            Resolve…
          </Button>
          <Button kind="ink" disabled={!ready || mine} hint="T" icon={<Hand {...ICON} />} onClick={() => void take()}>
            {mine ? 'You have it' : 'Take it'}
          </Button>
        </div>
      </div>
      {dialog === 'resolve' && <ResolveDialog alert={alert} onClose={() => setDialog(undefined)} />}
      {dialog === 'silence' && <SilenceDialog alert={alert} onClose={() => setDialog(undefined)} />}
    </footer>
  )
}

function noteOf(may: boolean, live: ReturnType<typeof useLive>['kind'], canSilence: boolean): string {
  if (!may) return 'Alerts are handled by operator, approver and admin.'
  if (live === 'connecting') return 'Connecting to the gateway.'
  if (live !== 'live') return 'Not connected: nothing can be done now.'
  return canSilence ? 'Resolving and silencing ask for your passkey.' : 'A critical alert cannot be silenced.'
}
