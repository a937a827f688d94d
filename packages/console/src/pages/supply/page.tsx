import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/query.ts'
import { Card, Screen } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import type { ServerHead } from '../tools/model.ts'
import styles from '../../ui/detail.module.css'

/** May this be used? Skills, plugins and code are not scanned by this version, and the page says so. */
export function Page() {
  const list = useGet<{ readonly servers: readonly ServerHead[] }>('/api/v1/tools/servers', {}, { topics: ['tools'] })
  return (
    <Screen title="Supply chain">
      <Empty action={<Link to="/tools">Tools & servers</Link>}>
        This version does not scan skills, plugins or code. Nothing is in quarantine, because nothing is looked at.
        Tools of servers are pinned, and held when they change.
      </Empty>
      <Answered of={list} failed="The pins could not be counted." rows={2}>
        {({ servers }) => {
          const sum = (of: (server: ServerHead) => number): number => servers.reduce((all, one) => all + of(one), 0)
          return (
            <Card title="What is pinned today">
              <dl className={styles.list}>
                <dt>Tools pinned</dt>
                <dd>{sum(({ pinned }) => pinned)}</dd>
                <dt>Held</dt>
                <dd>{sum(({ held }) => held)}</dd>
                <dt>To review</dt>
                <dd>{sum(({ unreviewed }) => unreviewed)}</dd>
              </dl>
            </Card>
          )
        }}
      </Answered>
    </Screen>
  )
}
