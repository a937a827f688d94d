import { Ellipsis } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../../ui/button.tsx'
import { useDeliberate } from './arming.ts'
import styles from './overflow.module.css'

interface OverflowProps {
  readonly digest: string
  readonly may: boolean
  /** The agent that would be stopped. */
  readonly agent: string
  readonly onEnd: () => void
}

/** What is rarely wanted, one press further away than Deny. */
export function Overflow({ digest, may, agent, onEnd }: OverflowProps) {
  const menu = useRef<HTMLDetailsElement>(null)
  const ending = useDeliberate(digest, () => {
    if (menu.current !== null) menu.current.open = false
    onEnd()
  })
  const leave = (event: React.KeyboardEvent): void => {
    if (event.key !== 'Escape' || menu.current?.open !== true) return
    event.preventDefault()
    menu.current.open = false
    menu.current.querySelector('summary')?.focus()
  }
  return (
    <details ref={menu} className={styles.menu} onKeyDown={leave}>
      <summary aria-label="More ways to decide" title="More ways to decide">
        <Ellipsis size={16} strokeWidth={1.75} aria-hidden="true" />
      </summary>
      <div className={styles.panel}>
        <Button kind="stop" aria-disabled={!may} {...ending}>
          Deny and end session
        </Button>
        <p>{agent} is stopped until someone resumes it.</p>
      </div>
    </details>
  )
}
