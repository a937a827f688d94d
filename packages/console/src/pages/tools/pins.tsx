import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { LineDiff } from '../../ui/line-diff.tsx'
import { Card } from '../../ui/screen.tsx'
import { person, when } from '../../ui/when.ts'
import { schema, text, type Tool } from './model.ts'
import styles from '../../ui/detail.module.css'

/** Which definition was pinned when, and by whom. */
export function Pins({ tools }: { readonly tools: readonly Tool[] }) {
  return (
    <Card flush>
      <ul className={styles.rows}>
        {tools.map((tool) => (
          <PinRow key={tool.id} tool={tool} />
        ))}
      </ul>
    </Card>
  )
}

function PinRow({ tool }: { readonly tool: Tool }) {
  const [open, setOpen] = useState(false)
  const { name, pin, pinnedBy, pinnedAt, history, definition } = tool
  return (
    <>
      <li>
        <code className={styles.grow}>{name}</code>
        <span>
          {when(pinnedAt)} by {person(pinnedBy)}
        </span>
        <code className={styles.quiet}>{pin.slice(0, 12)}</code>
        <Copy iconOnly text={pin} label={`Copy the pin of ${name}`} />
        {history.length > 0 && (
          <Button small aria-expanded={open} onClick={() => setOpen(!open)}>
            {history.length === 1 ? '1 earlier pin' : `${history.length} earlier pins`}
          </Button>
        )}
      </li>
      {open &&
        history.map((past, at) => (
          <li key={past.at}>
            <div className={styles.grow}>
              <p>
                Pinned {when(past.at)}, by {person(past.by)}; then the pin after it:
              </p>
              <LineDiff
                before={`${text(past.definition)}\n${schema(past.definition)}`}
                after={`${text(history[at - 1]?.definition ?? definition)}\n${schema(history[at - 1]?.definition ?? definition)}`}
              />
            </div>
          </li>
        ))}
    </>
  )
}
