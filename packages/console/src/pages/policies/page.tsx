import { Link } from '@tanstack/react-router'
import { History as HistoryIcon, Scale } from 'lucide-react'
import { useGet } from '../../api/query.ts'
import { useObject, useView } from '../../shell/view.ts'
import { Chip } from '../../ui/chip.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import { DraftView } from './draft-view.tsx'
import { HistoryView, LiveView, NewDraft } from './live-view.tsx'
import type { Draft, Live } from './model.ts'
import { useDraftQuery } from './use-draft.ts'
import styles from './policies.module.css'

/** What may happen, and what would change? */
export function Page() {
  const [where = 'live', object = ''] = useObject()
  const [{ file }] = useView({ file: '' })
  const path = file === '' && where === 'live' ? object : file
  const live = useGet<Live>('/api/v1/policy/files', {}, { topics: ['policy'] })
  return (
    <Answered of={live} failed="The policy in force could not be loaded.">
      {(data) =>
        where === 'draft' && object !== '' ? (
          <DraftPage live={data} id={object} />
        ) : (
          <Screen
            title="Policies"
            form="panes"
            aside={<Chip>{data.version}</Chip>}
            actions={<Actions history={where === 'history'} path={path} />}
          >
            {where === 'history' ? <HistoryView /> : <LiveView live={data} path={path} />}
          </Screen>
        )
      }
    </Answered>
  )
}

function DraftPage({ live, id }: { readonly live: Live; readonly id: string }) {
  const draft = useDraftQuery(id)
  return (
    <Screen
      title="Policies"
      form="panes"
      aside={<Aside draft={draft.data} live={live} />}
      actions={<Actions history={false} draft />}
    >
      <Answered of={draft} failed="The draft could not be loaded.">
        {(data) => <DraftView key={data.id} live={live} draft={data} />}
      </Answered>
    </Screen>
  )
}

function Aside({ draft, live }: { readonly draft: Draft | undefined; readonly live: Live }) {
  if (draft === undefined) return null
  const current = draft.base.digest === live.digest
  return (
    <>
      <Chip tone="accent">draft {draft.id}</Chip>
      <span>
        based on {current ? 'live' : 'an older'} {draft.base.version}
      </span>
    </>
  )
}

function Actions({
  history,
  path = '',
  draft = false,
}: {
  readonly history: boolean
  readonly path?: string
  readonly draft?: boolean
}) {
  return (
    <>
      {(history || draft) && (
        <Link to="/policies/live" className={styles.headLink}>
          <Scale size={16} strokeWidth={1.75} aria-hidden="true" />
          In force
        </Link>
      )}
      {!history && (
        <Link to="/policies/history" className={styles.headLink}>
          <HistoryIcon size={16} strokeWidth={1.75} aria-hidden="true" />
          History
        </Link>
      )}
      {!draft && !history && <NewDraft path={path} />}
    </>
  )
}
