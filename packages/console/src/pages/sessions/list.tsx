import { State } from '../../ui/chip.tsx'
import { cx } from '../../ui/cx.ts'
import { Labels } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import styles from './list.module.css'
import { idOf, originWords, STATE_OF, time, type Story, type StoryAction, type StoryRead } from './model.ts'

interface ListProps {
  readonly story: Story
  readonly selected: string
  readonly select: (place: string | undefined) => void
  readonly unfold: () => void
}

/** The story as an ordered list, with the words of its threads; the two bands are a rail at the left edge. */
export function StoryList({ story, selected, select, unfold }: ListProps) {
  const carried = carriedOf(story)
  return (
    <ol className={styles.list} aria-label="Story">
      {story.columns.map((column, i) => {
        const carries = carried[i] ?? story.start
        const threads = story.threads.filter(({ to }) => to === i)
        const place = idOf(column, column.read ? 'read' : 'action')
        return (
          <li key={i} className={cx(styles.step, place === selected && styles.current)}>
            <span className={styles.rail} aria-hidden="true">
              <i className={cx(styles[`i${carries.integrity}`], carries.integrity === 1 && 'hatch')} />
              <i className={styles[`c${carries.confidentiality}`]} />
            </span>
            <time className={styles.time}>{time(column.at)}</time>
            <div className={styles.body}>
              {column.read && <Read read={column.read} select={select} />}
              {column.action && (
                <Action action={column.action} select={select}>
                  {threads.map(({ argument, from, tone }, at) => (
                    <span key={at} className={styles.thread}>
                      <code>{argument}</code> came from{' '}
                      <button type="button" onClick={() => select(story.columns[from]?.read?.place)}>
                        {originWords(story.columns[from] ?? { at: 0 })}
                      </button>
                      {tone === 'untrusted' && ', which nobody vouches for'}.
                    </span>
                  ))}
                </Action>
              )}
              {column.fold && (
                <button type="button" className={styles.fold} onClick={unfold}>
                  {column.fold.calls.length} {column.fold.calls.length === 1 ? 'call' : 'calls'}, all allowed:{' '}
                  {column.fold.tools.map(({ tool, n }) => (n === 1 ? tool : `${tool} ×${n}`)).join(', ')}
                </button>
              )}
            </div>
          </li>
        )
      })}
    </ol>
  )
}

/** What the session carries at each column. */
function carriedOf({ start, columns }: Story): readonly Story['start'][] {
  const carried: Story['start'][] = []
  for (const { read } of columns) carried.push(read?.carries ?? carried.at(-1) ?? start)
  return carried
}

function Read({ read, select }: { readonly read: StoryRead; readonly select: ListProps['select'] }) {
  const { changed, carries } = read
  return (
    <p className={styles.entry}>
      <button type="button" onClick={() => select(read.place)}>
        {read.from === 'words' ? 'The user spoke' : 'Read '}
        {read.from === 'tool' && <code>{read.tool}</code>}
      </button>{' '}
      {read.object !== '' && <Value text={read.object} />}{' '}
      {changed.integrity || changed.confidentiality ? (
        <>
          From here it carries{' '}
          <Labels
            {...(changed.integrity ? { integrity: carries.integrity } : {})}
            {...(changed.confidentiality ? { confidentiality: carries.confidentiality } : {})}
          />
        </>
      ) : null}
    </p>
  )
}

interface ActionProps {
  readonly action: StoryAction
  readonly select: ListProps['select']
  readonly children: React.ReactNode
}

function Action({ action, select, children }: ActionProps) {
  return (
    <div className={styles.entry}>
      <State name={STATE_OF[action.state]} />{' '}
      <button type="button" onClick={() => select(action.place)}>
        <code>{action.tool}</code>
      </button>{' '}
      {action.object !== '' && <Value text={action.object} />} {children}
      {action.reason !== '' && (
        <span className={styles.reason}>
          <Value text={action.reason} />
        </span>
      )}
    </div>
  )
}
