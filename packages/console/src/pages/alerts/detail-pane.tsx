import { useNavigate } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useGet } from '../../api/query.ts'
import { IconButton } from '../../ui/button.tsx'
import { Answered } from '../../ui/states.tsx'
import { Acts } from './acts.tsx'
import { Detail } from './detail.tsx'
import type { Alert } from './model.ts'
import styles from './detail.module.css'

/** One alert, and what can be done with it. */
export function DetailPane({ id }: { readonly id: string }) {
  const alert = useGet<Alert>(`/api/v1/alerts/${encodeURIComponent(id)}`, {}, { topics: ['alerts'] })
  const navigate = useNavigate()
  return (
    <div className={styles.pane}>
      <div className={styles.phoneHead}>
        <IconButton label="Back to the list" onClick={() => void navigate({ to: '/alerts', search: true })}>
          <ChevronLeft size={20} aria-hidden="true" />
        </IconButton>
        <span className={styles.position}>Alert</span>
      </div>
      <Answered of={alert} failed="The alert could not be loaded." rows={8}>
        {(data) => (
          <>
            {/* reached by keyboard, also where nothing in it can have the focus */}
            <div className={styles.scroll} tabIndex={0} role="group" aria-label="What happened">
              <Detail alert={data} />
            </div>
            {data.state !== 'resolved' && <Acts alert={data} />}
          </>
        )}
      </Answered>
    </div>
  )
}
