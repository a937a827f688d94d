import { useNavigate } from '@tanstack/react-router'
import { PencilLine } from 'lucide-react'
import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Editor } from './editor.tsx'
import { ExplainPanel } from './explain-panel.tsx'
import { Files } from './files.tsx'
import { History } from './history.tsx'
import { shortName, type Change, type Draft, type DraftHead, type Live } from './model.ts'
import { Panes } from './panes.tsx'
import styles from './policies.module.css'

const NONE: ReadonlySet<string> = new Set()
const NOTHING = (): void => undefined
const NO_LIST: readonly never[] = []

/** The policy in force, to read; and the drafts that others and this person work on. */
export function LiveView({ live, path }: { readonly live: Live; readonly path: string }) {
  const [{ panel, line, published }] = useView({ panel: 'explain', line: '', published: '' })
  const file =
    live.files.find((each) => each.path === path || shortName(each.path) === path) ??
    live.files.find(({ path: of }) => !of.startsWith('preset:')) ??
    live.files[0]
  if (file === undefined) return null
  return (
    <Panes
      files={<Files files={live.files} current={file.path} base="/policies/live" check={undefined} changed={NONE} />}
      panelName="Explain"
      title={file.path}
      note={file.origin === 'preset' ? 'comes with Sallyport' : 'in force, read only'}
      editor={
        <Editor
          file={file}
          original={file.text}
          readOnly
          actions={live.actions}
          issues={NO_LIST}
          lenses={NO_LIST}
          line={line === '' ? undefined : Number(line)}
          onChange={NOTHING}
          onSave={NOTHING}
        />
      }
      panel={
        <>
          <Tabs
            label="Panel"
            param="panel"
            current={panel}
            tabs={[
              { id: 'explain', words: 'Explain' },
              { id: 'drafts', words: 'Drafts' },
            ]}
          />
          <div className={styles.panelBody}>
            {published !== '' && (
              <p role="status" className={styles.published}>
                {published} is in force.
              </p>
            )}
            <Staged />
            {panel === 'drafts' ? <Drafts /> : <ExplainPanel />}
          </div>
        </>
      }
    />
  )
}

/** Begins a draft and goes there. */
export function NewDraft({ path }: { readonly path: string }) {
  const navigate = useNavigate()
  const may = useMay('policy')
  const [problem, setProblem] = useState<Problem>()
  const begin = async (): Promise<void> => {
    try {
      const draft = await post<Draft>('/api/v1/policy/drafts')
      await refetch('/api/v1/policy/drafts')
      await navigate({ to: `/policies/draft/${draft.id}`, search: path === '' ? {} : { file: path } })
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  return (
    <>
      <Button
        kind="ink"
        disabled={!may}
        title={may ? undefined : 'Policies are changed by policy.'}
        icon={<PencilLine size={16} strokeWidth={1.75} aria-hidden="true" />}
        onClick={() => void begin()}
      >
        Edit as draft
      </Button>
      {problem !== undefined && <Failure what="No draft was begun." problem={problem} />}
    </>
  )
}

function Drafts() {
  const navigate = useNavigate()
  const list = useGet<{ readonly drafts: readonly DraftHead[] }>('/api/v1/policy/drafts', {}, { topics: ['policy'] })
  return (
    <Answered of={list} failed="Drafts could not be loaded.">
      {({ drafts }) =>
        drafts.length === 0 ? (
          <p className={styles.none}>Nobody works on a draft.</p>
        ) : (
          <ul className={styles.drafts}>
            {drafts.map(({ id, updatedBy, updatedAt, base, agreed }) => (
              <li key={id}>
                <Button small onClick={() => void navigate({ to: `/policies/draft/${id}` })}>
                  Open draft {id}
                </Button>
                <p>
                  by {updatedBy.replace('operator:', '')},{' '}
                  {new Date(updatedAt).toISOString().slice(0, 16).replace('T', ' ')}, from {base.version}
                  {agreed.by.length > 0 && ', waits for a second person'}
                </p>
              </li>
            ))}
          </ul>
        )
      }
    </Answered>
  )
}

interface Current {
  readonly staged: Change | null
}

/** A change of files on disk that is not in force, and how to put it there. */
function Staged() {
  const current = useGet<Current>('/api/v1/policy/current', {}, { topics: ['policy'] })
  const prove = useProve()
  const may = useMay('policy')
  const [problem, setProblem] = useState<Problem>()
  const staged = current.data?.staged
  if (staged == null) return null
  const { digest, actor, newVersion, widening } = staged
  const accept = async (): Promise<void> => {
    const list = widening.length === 0 ? 'It tightens only.' : `It allows more: ${widening.join('; ')}.`
    const proof = await prove(
      'policy.accept',
      { digest },
      {
        title: 'Put the change on disk into force',
        sentence: <p>{list}</p>,
        button: 'Accept with passkey',
      },
    )
    if (proof === undefined) return
    try {
      await post('/api/v1/policy/accept', { digest, proof })
      await refetch('/api/v1/policy')
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  return (
    <section className={styles.staged}>
      <p>
        <strong>
          Policy files changed on disk{actor === 'unknown' ? ' by an unknown author' : `, by ${actor}`}. That is not in
          force.
        </strong>{' '}
        {newVersion}. {widening.length === 0 ? 'It tightens only.' : widening.join('; ')}
      </p>
      <Button small disabled={!may} onClick={() => void accept()}>
        Accept the change…
      </Button>
      {problem !== undefined && <Failure what="It did not come into force." problem={problem} />}
    </section>
  )
}

export function HistoryView() {
  return (
    <div className={styles.reading}>
      <History />
    </div>
  )
}
