import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import styles from './page.module.css'

/** The demonstration runs in a terminal, on a temporary store: it never touches this gateway. */
export function TryIt({ onBack }: { readonly onBack: () => void }) {
  return (
    <div className={styles.form}>
      <h1>Try it</h1>
      <p className={styles.lead}>
        A poisoned e-mail makes an agent send your customer list away. See it being stopped, in 30 seconds, with nothing
        real.
      </p>
      <ul className={styles.card}>
        <li>
          <span>
            <b>Run the safe attack</b>
            <code className={styles.command}>sallyport demo</code>
          </span>
          <Copy text="sallyport demo" label="Copy command" />
        </li>
      </ul>
      <div className={styles.acts}>
        <Button kind="quiet" onClick={onBack}>
          Back
        </Button>
        <Button kind="ink" onClick={() => location.assign('/approvals')}>
          Open Sallyport
        </Button>
      </div>
    </div>
  )
}
