import { useState } from 'react'
import { serverNow } from '../../api/clock.ts'
import { del, Problem } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import { Words } from '../../ui/words.tsx'
import { MEMBERS, personOf, timeText, type Silence } from './model.ts'
import styles from './silence.module.css'

/** Silences in force. Ending one tells more, so it needs no presence. */
export function SilenceList() {
  const list = useGet<{ readonly items: readonly Silence[] }>('/api/v1/silences', {}, { topics: ['alerts'] })
  const may = useMay('write')
  const [problem, setProblem] = useState<Problem>()
  const end = async (id: string): Promise<void> => {
    setProblem(undefined)
    try {
      await del(`/api/v1/silences/${encodeURIComponent(id)}`)
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
    await Promise.all([refetch('/api/v1/silences'), refetch('/api/v1/alerts')])
  }
  return (
    <Answered of={list} failed="The silences could not be loaded." rows={3}>
      {({ items }) => (
        <>
          {problem !== undefined && <Failure what="The silence was not ended." problem={problem} />}
          {items.length === 0 && <Empty>Nothing is silenced.</Empty>}
          <ul>
            {items.map(({ id, matcher, until, reason, by }) => (
              <li key={id} className={styles.silence}>
                <p className={styles.matcher}>
                  {MEMBERS.filter(([member]) => matcher[member] !== undefined).map(([member, words]) => (
                    <span key={member}>
                      <span className={styles.memberName}>{words}</span> <Words text={matcher[member] ?? ''} />
                    </span>
                  ))}
                </p>
                <p>
                  until {timeText(until, serverNow())}, by {personOf(by)}: <Words text={reason} />
                </p>
                <Button small disabled={!may} onClick={() => void end(id)}>
                  End silence
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Answered>
  )
}
