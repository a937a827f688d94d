import { Value } from './value.tsx'
import styles from './words.module.css'

/** Sentences of others in the face of the page: hidden characters shown, nothing linked, as `Value` does. */
export const Words = ({ text }: { readonly text: string }) => <Value className={styles.words} text={text} />
