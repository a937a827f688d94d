import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/query.ts'
import { Card } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import type { ServerHead } from '../tools/model.ts'
import styles from '../../ui/detail.module.css'

/** Definitions of tools that are pinned today; they are reviewed on their own page. */
export function Pins() {
  const list = useGet<{ readonly servers: readonly ServerHead[] }>('/api/v1/tools/servers', {}, { topics: ['tools'] })
  return (
    <Answered of={list} failed="The pins could not be counted." rows={2}>
      {({ servers }) => {
        const sum = (of: (server: ServerHead) => number): number => servers.reduce((all, one) => all + of(one), 0)
        return (
          <Card title="Tools of servers" aside={<Link to="/tools">Tools & servers</Link>}>
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
  )
}
