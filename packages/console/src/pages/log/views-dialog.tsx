import { Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useAct } from '../../ui/act.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import { addressOf, VIEW, viewIn, type View } from './model.ts'
import styles from './views-dialog.module.css'

const PATH = '/api/v1/me/log-views'

interface ViewsAnswer {
  readonly items: readonly { readonly name: string; readonly search: string }[]
}

interface ViewsProps {
  readonly view: View
  readonly onClose: () => void
}

/** Views of the log that this person named: query, time and columns. The gateway keeps them, the address shares them. */
export function ViewsDialog({ view, onClose }: ViewsProps) {
  const answer = useGet<ViewsAnswer>(PATH)
  const [name, setName] = useState('')
  const act = useAct()
  const here = addressOf(view)
  const change = (path: string, body: object): void =>
    act.run(async () => {
      await post(path, body)
      setName('')
      await refetch(PATH)
    })
  const known = answer.data?.items.some((each) => each.name === name.trim()) ?? false
  return (
    <Dialog title="Saved views" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      <Answered of={answer} failed="Your saved views could not be loaded." rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>You have saved no view yet.</Empty>
          ) : (
            <ul className={styles.views} aria-label="Saved views">
              {items.map((each) => (
                <li key={each.name}>
                  <Link
                    to="/log"
                    search={viewIn(each.search) as never}
                    onClick={onClose}
                    aria-current={each.search === here ? 'true' : undefined}
                  >
                    {each.name}
                  </Link>
                  <code>{viewIn(each.search).q ?? VIEW.q}</code>
                  <Copy text={`${location.origin}/log${each.search}`} label={`Copy link to ${each.name}`} iconOnly />
                  <IconButton
                    label={`Remove ${each.name}`}
                    disabled={act.busy}
                    onClick={() => change(`${PATH}/remove`, { name: each.name })}
                  >
                    <Trash2 size={14} aria-hidden="true" />
                  </IconButton>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
      <form
        className={styles.save}
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '') change(PATH, { name: name.trim(), search: here })
        }}
      >
        <Field
          label="Save what is shown now as"
          value={name}
          maxLength={60}
          data-first
          note={
            known
              ? 'The view of this name is replaced.'
              : 'Query, time and columns. Whoever has the link sees the same.'
          }
          onChange={({ target }) => setName(target.value)}
        />
        <Button type="submit" kind="ink" disabled={act.busy || name.trim() === ''}>
          Save view
        </Button>
      </form>
      {act.problem !== undefined && <Failure what="The views were not changed." problem={act.problem} />}
    </Dialog>
  )
}
