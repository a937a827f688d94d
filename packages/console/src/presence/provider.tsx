import { createContext, lazy, Suspense, useCallback, useContext, useState, type ReactNode } from 'react'
import type { Proof } from './prove.ts'

const Presence = lazy(async () => ({ default: (await import('./dialog.tsx')).Presence }))

/** How the act is put to the human: a question, its consequence, and the words of the button. */
export interface Question {
  readonly title: string
  readonly sentence: ReactNode
  /** `Accept with passkey` */
  readonly button: string
}

/** Asks and proves; undefined when the human cancelled. */
export type Prove = (kind: string, payload: unknown, question: Question) => Promise<Proof | undefined>

/** An act that waits for its human. */
export interface Pending {
  readonly kind: string
  readonly payload: unknown
  readonly question: Question
  readonly settle: (proof: Proof | undefined) => void
}

const Context = createContext<Prove>(() => Promise.resolve(undefined))

/** `prove(kind, payload, question)` for acts that need presence: publish, vault, pins, people, resume. */
export const useProve = (): Prove => useContext(Context)

/** Holds the one presence dialog of the page. */
export function PresenceProvider({ children }: { readonly children: ReactNode }) {
  const [pending, setPending] = useState<Pending>()
  const prove = useCallback<Prove>(
    (kind, payload, question) =>
      new Promise((resolve) => {
        const settle = (proof: Proof | undefined): void => {
          setPending(undefined)
          resolve(proof)
        }
        setPending({ kind, payload, question, settle })
      }),
    [],
  )
  return (
    <Context value={prove}>
      {children}
      {pending !== undefined && (
        <Suspense>
          <Presence {...pending} />
        </Suspense>
      )}
    </Context>
  )
}
