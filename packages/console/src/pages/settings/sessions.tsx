import { useState } from 'react'
import { del, post, Problem } from '../../api/client.ts'
import type { Login } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { when } from '../../ui/when.ts'
import styles from './page.module.css'

interface List {
  readonly items: readonly (Login & { readonly current: boolean })[]
}

/** Browsers that are signed in: one's own, and everybody's for an admin. Ending one only takes rights away. */
export function Sessions() {
  const list = useGet<List>('/api/v1/logins')
  const [problem, setProblem] = useState<Problem>()
  const act = async (run: () => Promise<unknown>): Promise<void> => {
    setProblem(undefined)
    try {
      await run()
      await refetch('/api/v1/logins')
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  return (
    <Answered of={list} failed="The sessions could not be loaded.">
      {({ items }) => (
        <Card
          title="Signed in"
          flush
          aside={
            <Button small onClick={() => void act(() => post('/api/v1/logins/end', { others: true }))}>
              End my other sessions
            </Button>
          }
        >
          {problem !== undefined && <Failure what="The session was not ended." problem={problem} />}
          <ul className={styles.list}>
            {items.map((login) => (
              <li key={login.id}>
                <div className={styles.words}>
                  <b>{login.operator.replace(/^operator:/, '')}</b> by {login.method} from <code>{login.address}</code>{' '}
                  {login.current && <Chip tone="accent">this browser</Chip>}
                  <div className={styles.note}>
                    <Value text={login.browser} foldAt={80} />
                    <div>
                      since {when(login.createdAt)}, last used {when(login.lastActivityAt)}
                    </div>
                  </div>
                </div>
                {!login.current && (
                  <Button small kind="stop" onClick={() => void act(() => del(`/api/v1/logins/${login.id}`))}>
                    End session
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Answered>
  )
}
