import { Bookmark, Columns3, Download, Pause, Play, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ColumnsDialog } from './columns-dialog.tsx'
import { ExportDialog } from './export-dialog.tsx'
import type { View } from './model.ts'
import { ViewsDialog } from './views-dialog.tsx'

interface ActionsProps {
  readonly view: View
  readonly change: (change: Partial<View>) => void
  readonly from: number
  readonly to: number
  /** How many records are found, in words. */
  readonly count: string
  readonly tails: boolean
  readonly tail: () => void
}

/** What can be done with a view of the log. */
export function LogActions({ view, change, from, to, count, tails, tail }: ActionsProps) {
  const [open, setOpen] = useState<'views' | 'columns' | 'export'>()
  const close = (): void => setOpen(undefined)
  const act = (words: string, Icon: LucideIcon, onClick: () => void, more: object = {}) => (
    <Button small icon={<Icon size={14} aria-hidden="true" />} onClick={onClick} {...more}>
      {words}
    </Button>
  )
  return (
    <>
      {act('Saved views', Bookmark, () => setOpen('views'))}
      {act('Columns', Columns3, () => setOpen('columns'))}
      {act('Export', Download, () => setOpen('export'))}
      {act(tails ? 'Stop tail' : 'Live tail', tails ? Pause : Play, tail, { 'aria-pressed': tails })}
      {open === 'views' && <ViewsDialog view={view} onClose={close} />}
      {open === 'columns' && <ColumnsDialog cols={view.cols} change={(cols) => change({ cols })} onClose={close} />}
      {open === 'export' && <ExportDialog {...{ q: view.q, from, to, count }} onClose={close} />}
    </>
  )
}
