import { ArrowDown, ArrowUp } from 'lucide-react'
import { Button, IconButton } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { columnsOf, LOG_COLUMNS, USUAL } from './columns.tsx'
import styles from './columns-dialog.module.css'

interface ColumnsProps {
  readonly cols: string
  readonly change: (cols: string) => void
  readonly onClose: () => void
}

/** Which columns the table has, and in which order; the address keeps the choice. */
export function ColumnsDialog({ cols, change, onClose }: ColumnsProps) {
  const chosen = columnsOf(cols)
  const set = (ids: readonly string[]): void => change(ids.join(',') === USUAL ? '' : ids.join(','))
  const ids = chosen.map(({ id }) => id)
  const move = (id: string, by: number): void => {
    const at = ids.indexOf(id)
    const others = ids.filter((each) => each !== id)
    set([...others.slice(0, at + by), id, ...others.slice(at + by)])
  }
  return (
    <Dialog
      title="Columns"
      onClose={onClose}
      actions={
        <>
          <Button onClick={() => change('')}>Usual columns</Button>
          <Button kind="ink" data-first onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <p className={styles.note}>The time is always first. The address of the page keeps what you choose.</p>
      <ul className={styles.columns} aria-label="Columns">
        {[...chosen, ...LOG_COLUMNS.filter((each) => !chosen.includes(each))].map(({ id, title }) => {
          const at = ids.indexOf(id)
          return (
            <li key={id}>
              <label>
                <input
                  type="checkbox"
                  checked={at >= 0}
                  disabled={at >= 0 && ids.length === 1}
                  onChange={() => set(at >= 0 ? ids.filter((each) => each !== id) : [...ids, id])}
                />
                {title}
              </label>
              {at >= 0 && (
                <span>
                  <IconButton label={`Move ${title} forward`} disabled={at === 0} onClick={() => move(id, -1)}>
                    <ArrowUp size={14} aria-hidden="true" />
                  </IconButton>
                  <IconButton label={`Move ${title} back`} disabled={at === ids.length - 1} onClick={() => move(id, 1)}>
                    <ArrowDown size={14} aria-hidden="true" />
                  </IconButton>
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </Dialog>
  )
}
