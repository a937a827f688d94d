import type { ReactNode } from 'react'
import { useView } from '../../shell/view.ts'
import { cx } from '../../ui/cx.ts'
import { Tabs } from '../../ui/tabs.tsx'
import styles from './policies.module.css'

interface PanesProps {
  readonly files: ReactNode
  readonly title: string
  readonly note: ReactNode
  readonly editor: ReactNode
  readonly panel: ReactNode
  readonly foot?: ReactNode
  /** What the third part is called where there is room for one only. */
  readonly panelName: string
}

/** Files, editor and panel; on a phone one of the three at a time. */
export function Panes({ files, title, note, editor, panel, foot, panelName }: PanesProps) {
  const [{ pane }] = useView({ pane: 'text' })
  return (
    <div className={styles.whole}>
      <div className={styles.phoneTabs}>
        <Tabs
          label="Part of the page"
          param="pane"
          form="segments"
          current={pane}
          tabs={[
            { id: 'files', words: 'Files' },
            { id: 'text', words: 'Text' },
            { id: 'panel', words: panelName },
          ]}
        />
      </div>
      <div className={cx(styles.panes, styles[`pane-${pane}`])}>
        <div className={styles.left}>{files}</div>
        <section className={styles.middle} aria-label="Text">
          <header className={styles.fileHead}>
            <h2>{title}</h2>
            <span>{note}</span>
          </header>
          {editor}
        </section>
        <section className={styles.right} aria-label="What it comes to">
          {panel}
        </section>
      </div>
      {foot}
    </div>
  )
}
