import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import styles from './page.module.css'

interface Channel {
  readonly name: string
  readonly kind: string
  readonly state?: string
  readonly waiting?: number
}

/** Where alerts go. The test button sends a real one and shows the real answer. */
export function Channels() {
  const list = useGet<{ items: readonly Channel[] }>('/api/v1/alerts/channels', {}, { topics: ['alerts'] })
  return (
    <Answered of={list} failed="The channels could not be loaded.">
      {({ items }) =>
        items.length === 0 ? (
          <Empty>Alerts go to the log and to this console only. Channels are set in the configuration.</Empty>
        ) : (
          <Card title="Channels" flush>
            <ul className={styles.list}>
              {items.map((channel) => (
                <Row key={channel.name} channel={channel} />
              ))}
            </ul>
          </Card>
        )
      }
    </Answered>
  )
}

function Row({ channel }: { readonly channel: Channel }) {
  const [answer, setAnswer] = useState('')
  const test = async (): Promise<void> => {
    setAnswer('Sending…')
    try {
      const { detail } = await post<{ detail: string }>(
        `/api/v1/alerts/channels/${encodeURIComponent(channel.name)}/test`,
      )
      setAnswer(detail)
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setAnswer(`${thrown.message} ${thrown.detail}`)
    }
  }
  return (
    <li>
      <div className={styles.words}>
        <b>{channel.name}</b> {channel.kind}
        <div className={styles.note}>
          {channel.state} {(channel.waiting ?? 0) > 0 && `${channel.waiting} alerts wait in the queue.`}
        </div>
        <div role="status">{answer}</div>
      </div>
      <Button small onClick={() => void test()}>
        Send a test
      </Button>
    </li>
  )
}
