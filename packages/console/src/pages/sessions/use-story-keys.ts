import { useKeys } from '../../shell/keys.ts'
import { idOf, type Selection, type StoryAnswer } from './model.ts'

interface Acts {
  readonly select: (place: string | undefined) => void
  readonly toggleThreads: () => void
  readonly list: () => void
  readonly record: () => void
}

/** Steps by arrows, to the use and to the origin of a value by letters. */
export function useStoryKeys(story: StoryAnswer, selection: Selection | undefined, acts: Acts): void {
  const go = (column: number, lane: Selection['lane']): void => {
    const each = story.columns[Math.max(0, Math.min(story.columns.length - 1, column))]
    if (each) acts.select(idOf(each, lane) ?? idOf(each, lane === 'read' ? 'action' : 'read'))
  }
  const { column = -1, lane = 'read' } = selection ?? {}
  const follow = (side: 'from' | 'to'): void => {
    const other = side === 'from' ? 'to' : 'from'
    const own = story.threads.filter((each) => each[other] === column)
    const thread = side === 'to' ? own.at(-1) : own[0]
    if (thread) go(thread[side], side === 'from' ? 'read' : 'action')
  }
  useKeys({
    ArrowRight: { say: 'next step', run: () => go(column + 1, lane) },
    ArrowLeft: { say: 'step before', run: () => go(column - 1, lane) },
    ArrowUp: { say: 'what came in', run: () => go(column, 'read') },
    ArrowDown: { say: 'what was tried', run: () => go(column, 'action') },
    t: { say: 'all threads of the selection', run: acts.toggleThreads },
    u: { say: 'where it was used', run: () => follow('to') },
    o: { say: 'where it came from', run: () => follow('from') },
    l: { say: 'list or story', run: acts.list },
    Enter: { say: 'open the record', run: acts.record },
    Escape: { say: 'close the step', run: () => acts.select(undefined) },
  })
}
