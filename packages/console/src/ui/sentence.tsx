import { Value } from './value.tsx'
import styles from './sentence.module.css'

/** A piece of a sentence that the gateway composed: words of ours, a tool's name, or text of others. */
export type SentencePart = { readonly text: string } | { readonly value: string } | { readonly tool: string }

/** A sentence of the gateway's; what others wrote stands framed in it and can never pass for our words. */
export function Sentence({ parts }: { readonly parts: readonly SentencePart[] }) {
  return (
    <>
      {parts.map((part, at) =>
        'text' in part ? (
          <span key={at}>{part.text}</span>
        ) : (
          <Value
            key={at}
            text={'tool' in part ? part.tool : part.value}
            className={'tool' in part ? styles.tool : styles.value}
          />
        ),
      )}
    </>
  )
}
