import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { useMay } from '../../api/me.ts'
import { useGet } from '../../api/query.ts'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { LineDiff } from '../../ui/line-diff.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Answered, Loading } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useWide } from '../../ui/use-wide.ts'
import { Becomes } from './becomes.tsx'
import { causes } from './causes.ts'
import { Editor } from './editor.tsx'
import { ExplainPanel } from './explain-panel.tsx'
import { Files } from './files.tsx'
import { Foot } from './foot.tsx'
import { LintPanel } from './lint-panel.tsx'
import { isFixed, isTestFile, raisedVersion, shortName, type Draft, type DraftDiff, type Live } from './model.ts'
import { Panes } from './panes.tsx'
import { SimulatePanel } from './simulate-panel.tsx'
import { TestsPanel } from './tests-panel.tsx'
import { useDraft, type DraftWork } from './use-draft.ts'
import styles from './policies.module.css'

/** One draft: its files, what the gateway says of them, and what stands between them and being in force. */
export function DraftView({ live, draft }: { readonly live: Live; readonly draft: Draft }) {
  const work = useDraft(draft)
  const wide = useWide()
  const may = useMay('policy')
  const navigate = useNavigate()
  const [{ panel, line, file: path }] = useView({ panel: 'tests', line: '', file: '' })
  const base = `/policies/draft/${draft.id}`
  const { files, check, isDirty } = work
  const chosen = files.find((file) => file.path === path || (path !== '' && shortName(file.path) === path))
  const file = chosen ?? files.find(({ path: of }) => !isFixed(of) && !isTestFile(of)) ?? files[0]
  useLeaveGuard(isDirty)
  const original = live.files.find((each) => each.path === file?.path)?.text ?? ''
  const found = useMemo(
    () =>
      file === undefined
        ? { issues: [], lenses: [] }
        : causes(
            file,
            original,
            check,
            () =>
              void navigate({
                to: '.',
                search: (before: Record<string, unknown>) => ({ ...before, panel: 'tests', pane: 'panel' }),
              }),
          ),
    [file, original, check, navigate],
  )
  if (file === undefined) return null
  const readOnly = isFixed(file.path) || !wide || !may
  const raise = (of: string): void => {
    const text = files.find((each) => each.path === of)?.text
    if (text !== undefined) work.edit(of, raisedVersion(text))
  }
  const red = check?.tests.failed ?? 0
  const findings = (check?.lint.length ?? 0) + (check?.issues.length ?? 0)
  return (
    <Panes
      files={
        <>
          <Files files={files} current={file.path} base={base} check={check} changed={new Set(check?.changed)} />
          <AddFile work={work} base={base} disabled={!may || !wide} />
        </>
      }
      title={file.path}
      note={noteOf(file.path, wide, may, isDirty)}
      editor={
        <Editor
          file={file}
          original={original}
          readOnly={readOnly}
          actions={live.actions}
          issues={found.issues}
          lenses={found.lenses}
          line={line === '' ? undefined : Number(line)}
          onChange={(text) => work.edit(file.path, text)}
          onSave={() => void work.save()}
        />
      }
      panel={
        <>
          <Tabs
            label="Panel"
            param="panel"
            current={panel}
            tabs={[
              {
                id: 'tests',
                words: red > 0 ? `Tests, ${red} red` : 'Tests',
                count: red > 0 ? undefined : check?.tests.passed,
              },
              { id: 'explain', words: 'Explain' },
              { id: 'simulate', words: 'Simulate' },
              { id: 'lint', words: 'Lint', count: findings },
              { id: 'diff', words: 'Diff' },
            ]}
          />
          <div className={styles.panelBody}>
            {panel === 'explain' && <ExplainPanel draft={draft.id} />}
            {panel === 'simulate' && <SimulatePanel draft={draft.id} isDirty={isDirty} />}
            {panel === 'diff' && <DiffPanel draft={draft} isDirty={isDirty} />}
            {check === undefined && (panel === 'tests' || panel === 'lint') && <Loading rows={8} />}
            {check !== undefined && panel === 'tests' && <TestsPanel check={check} isOld={work.isOld} base={base} />}
            {check !== undefined && panel === 'lint' && (
              <LintPanel check={check} base={base} raise={may ? raise : undefined} />
            )}
          </div>
        </>
      }
      foot={<Foot work={work} />}
    />
  )
}

function noteOf(path: string, wide: boolean, may: boolean, isDirty: boolean): string {
  if (isFixed(path)) return 'comes with Sallyport, always in force'
  if (!may) return 'Policies are changed by policy.'
  if (!wide) return 'Editing needs a wider screen.'
  return isDirty ? 'not saved' : 'saved'
}

function DiffPanel({ draft, isDirty }: { readonly draft: Draft; readonly isDirty: boolean }) {
  const diff = useGet<DraftDiff>(`/api/v1/policy/drafts/${draft.id}/diff`, { revision: draft.revision })
  return (
    <>
      {isDirty && <p className={styles.none}>What is not saved is not in this comparison.</p>}
      <Answered of={diff} failed="The draft could not be compared.">
        {({ texts, ...becomes }) => (
          <>
            <Becomes {...becomes} />
            {texts.map(({ path, before, after }) => (
              <section key={path} className={styles.textDiff}>
                <h3>{path}</h3>
                <LineDiff before={before} after={after} />
              </section>
            ))}
          </>
        )}
      </Answered>
    </>
  )
}

function AddFile({
  work,
  base,
  disabled,
}: {
  readonly work: DraftWork
  readonly base: string
  readonly disabled: boolean
}) {
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('own.cedar')
  const wrong = /^[\w][\w./-]*\.(?:cedar|ya?ml)$/.test(name)
    ? work.files.some(({ path }) => path === name)
      ? 'There is a file of this name.'
      : undefined
    : 'A plain name that ends in .cedar or .yaml.'
  const add = (): void => {
    if (wrong !== undefined) return
    work.add(name)
    setOpen(false)
    void navigate({ to: base, search: { file: name } })
  }
  return (
    <div className={styles.addFile}>
      <Button small disabled={disabled} onClick={() => setOpen(true)}>
        Add a file…
      </Button>
      {open && (
        <Dialog
          title="Add a file"
          onClose={() => setOpen(false)}
          actions={
            <>
              <Button onClick={() => setOpen(false)}>Cancel</Button>
              <Button kind="ink" disabled={wrong !== undefined} onClick={add}>
                Add the file
              </Button>
            </>
          }
        >
          <Field
            label="Name"
            value={name}
            autoFocus
            note="name.test.yaml holds tests of name.cedar."
            error={name === '' ? undefined : wrong}
            onChange={(event) => setName(event.target.value)}
          />
        </Dialog>
      )}
    </div>
  )
}

/** Text that was typed and not saved is not lost without a question. */
function useLeaveGuard(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) return
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault()
    window.addEventListener('beforeunload', stay)
    return () => window.removeEventListener('beforeunload', stay)
  }, [isDirty])
}
