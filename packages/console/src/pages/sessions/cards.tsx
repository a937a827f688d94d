import { ChevronsUpDown, FileText, MessageSquareText, SquareTerminal } from 'lucide-react'
import { State } from '../../ui/chip.tsx'
import { cx } from '../../ui/cx.ts'
import { Confidentiality, Integrity } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import styles from './cards.module.css'
import { STATE_OF, type StoryAction, type StoryColumn, type StoryRead } from './model.ts'

interface ReadProps {
  readonly read: StoryRead
  readonly select: () => void
}

/** Something that came in. */
export function ReadCard({ read, select }: ReadProps) {
  const { changed, carries } = read
  const Icon = read.from === 'words' ? MessageSquareText : FileText
  return (
    <button type="button" tabIndex={-1} className={styles.card} onClick={select}>
      <span className={styles.tool}>
        <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
        <bdi>{read.from === 'words' ? 'The user' : read.tool}</bdi>
      </span>
      <span className={styles.object}>
        {read.object !== '' && <Value text={read.object} className={styles.words} />}
      </span>
      <span>
        {changed.integrity || (!changed.confidentiality && read.from === 'words') ? (
          <Integrity level={carries.integrity} />
        ) : changed.confidentiality ? (
          <Confidentiality level={carries.confidentiality} />
        ) : (
          <span className={styles.quiet}>no change</span>
        )}
      </span>
    </button>
  )
}

const TINT: Readonly<Partial<Record<StoryAction['state'], 'denied' | 'asked'>>> = {
  denied: 'denied',
  refused: 'denied',
  waiting: 'asked',
}

/** Something that was tried. */
export function ActionCard({ action, select }: { readonly action: StoryAction; readonly select: () => void }) {
  const tint = TINT[action.state]
  return (
    <button
      type="button"
      tabIndex={-1}
      className={cx(styles.card, tint !== undefined && styles[tint])}
      onClick={select}
    >
      <span className={styles.tool}>
        <SquareTerminal size={14} strokeWidth={1.75} aria-hidden="true" />
        <bdi>{action.tool}</bdi>
      </span>
      <span className={styles.object}>
        {action.object !== '' && <Value text={action.object} className={styles.words} />}
      </span>
      <span>
        <State name={STATE_OF[action.state]} />
      </span>
    </button>
  )
}

/** Calls that say nothing new. */
export function FoldCard({
  fold,
  open,
}: {
  readonly fold: NonNullable<StoryColumn['fold']>
  readonly open: () => void
}) {
  return (
    <button type="button" tabIndex={-1} className={cx(styles.card, styles.fold)} onClick={open}>
      <span className={styles.tool}>
        <ChevronsUpDown size={14} strokeWidth={1.75} aria-hidden="true" />
        {fold.calls.length} {fold.calls.length === 1 ? 'call' : 'calls'} folded
      </span>
      <span className={styles.object}>
        {fold.tools
          .slice(0, 2)
          .map(({ tool, n }) => (n === 1 ? tool : `${tool} ×${n}`))
          .join(', ')}
      </span>
      <span>
        <State name="allowed" />
      </span>
    </button>
  )
}
