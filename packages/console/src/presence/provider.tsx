import { createContext, useCallback, useContext, useState, type ReactNode } from 'react'
import { Fingerprint } from 'lucide-react'
import { Problem } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Failure } from '../ui/states.tsx'
import { proveAct, type Proof } from './prove.ts'
import { Cancelled } from './passkey.ts'

/** How the act is put to the human: a question, its consequence, and the words of the button. */
export interface Question {
  readonly title: string
  readonly sentence: ReactNode
  /** `Accept with passkey` */
  readonly button: string
}

/** Asks and proves; undefined when the human cancelled. */
export type Prove = (kind: string, payload: unknown, question: Question) => Promise<Proof | undefined>

interface Pending {
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
      {pending !== undefined && <Presence {...pending} />}
    </Context>
  )
}

function Presence({ kind, payload, question, settle }: Pending) {
  const { data: me } = useMe()
  const [state, setState] = useState<'ready' | 'busy' | 'cancelled' | Problem>('ready')
  const sign = async (): Promise<void> => {
    if (me === undefined) return
    setState('busy')
    try {
      settle(await proveAct(kind, payload, me.id))
    } catch (thrown) {
      if (thrown instanceof Cancelled) setState('cancelled')
      else if (thrown instanceof Problem) setState(thrown)
      else throw thrown
    }
  }
  return (
    <Dialog
      title={question.title}
      onClose={() => settle(undefined)}
      actions={
        <>
          <Button kind="ink" data-first onClick={() => settle(undefined)}>
            Cancel
          </Button>
          <Button
            icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
            disabled={state === 'busy'}
            onClick={() => void sign()}
          >
            {question.button}
          </Button>
        </>
      }
    >
      <div>{question.sentence}</div>
      {state === 'cancelled' && <p role="status">The passkey was not used. Nothing was done.</p>}
      {state instanceof Problem && <Failure what="The passkey did not prove it." problem={state} />}
    </Dialog>
  )
}
