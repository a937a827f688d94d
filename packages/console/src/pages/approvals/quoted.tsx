import { Value } from '../../ui/value.tsx'
import styles from './detail.module.css'

/** A sentence of the gateway; what stands in “…” is the agent's and is shown as such. */
export const Quoted = ({ text }: { readonly text: string }) =>
  text.split(/“([^”]*)”/u).map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <span key={part} className={styles.quoted}>
        <Value escaped={part} />
      </span>
    ),
  )
