import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { post, Problem, put } from '../../api/client.ts'
import { refetch, useGet } from '../../api/query.ts'
import type { Check, Draft, PolicyFile } from './model.ts'

/** Pause after which the gateway is asked, ms. */
const PAUSE = 200

export interface DraftWork {
  readonly draft: Draft
  /** With what is typed and not saved. */
  readonly files: readonly PolicyFile[]
  readonly isDirty: boolean
  /** Of the newest text that was answered; `isOld` while a newer one is being looked at. */
  readonly check: Check | undefined
  readonly isOld: boolean
  readonly problem: Problem | undefined
  edit(path: string, text: string): void
  add(path: string): void
  save(): Promise<boolean>
  /** Looks again, e.g. after a rebase. */
  again(): void
}

/** Typing, saving and checking one draft. Only the newest text is checked; an answer to an older one is not shown. */
export function useDraft(draft: Draft): DraftWork {
  const [edits, setEdits] = useState<ReadonlyMap<string, string>>(new Map())
  const [check, setCheck] = useState<{ readonly of: string; readonly answer: Check }>()
  const [problem, setProblem] = useState<Problem>()
  const [round, setRound] = useState(0)
  const asking = useRef(false)
  const key = JSON.stringify([draft.id, draft.revision, round, [...edits]])

  useEffect(() => {
    let stopped = false
    const ask = async (): Promise<void> => {
      // one at a time: the gateway checks on one thread
      while (asking.current && !stopped) await new Promise((resolve) => window.setTimeout(resolve, 50))
      if (stopped) return
      asking.current = true
      try {
        const body = { edits: [...edits].map(([path, text]) => ({ path, text })) }
        const answer = await post<Check>(`/api/v1/policy/drafts/${draft.id}/check`, body)
        if (stopped) return
        setCheck({ of: key, answer })
        setProblem(undefined)
      } catch (thrown) {
        if (!stopped && thrown instanceof Problem) setProblem(thrown)
      } finally {
        asking.current = false
      }
    }
    const timer = window.setTimeout(() => void ask(), PAUSE)
    return () => {
      stopped = true
      window.clearTimeout(timer)
    }
    // `key` says everything that a check is of
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key])

  const files = useMemo(() => {
    const known = draft.files.map((file) => {
      const text = edits.get(file.path)
      return text === undefined ? file : { ...file, text }
    })
    const added = [...edits].filter(([path]) => !known.some((file) => file.path === path))
    return [...known, ...added.map(([path, text]) => newFile(path, text))]
  }, [draft.files, edits])

  const edit = useCallback(
    (path: string, text: string): void => {
      const saved = draft.files.find((file) => file.path === path)?.text
      setEdits((before) => {
        const next = new Map(before)
        if (text === saved) next.delete(path)
        else next.set(path, text)
        return next
      })
    },
    [draft.files],
  )
  const save = useCallback(async (): Promise<boolean> => {
    if (edits.size === 0) return true
    try {
      const body = { revision: draft.revision, edits: [...edits].map(([path, text]) => ({ path, text })) }
      await put(`/api/v1/policy/drafts/${draft.id}`, body)
      await refetch(`/api/v1/policy/drafts/${draft.id}`)
      setEdits(new Map())
      return true
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
      return false
    }
  }, [draft, edits])
  return {
    draft,
    files,
    isDirty: edits.size > 0,
    check: check?.answer,
    isOld: check?.of !== key,
    problem,
    edit,
    add: (path) => edit(path, path.endsWith('.cedar') ? '// version: 1.0\n' : 'name: New tests\ntests: []\n'),
    save,
    again: () => setRound((before) => before + 1),
  }
}

const newFile = (path: string, text: string): PolicyFile => ({
  path,
  origin: 'file',
  language: path.endsWith('.cedar') ? 'cedar' : 'yaml',
  text,
})

export const useDraftQuery = (id: string) => useGet<Draft>(`/api/v1/policy/drafts/${id}`, {}, { topics: ['policy'] })
