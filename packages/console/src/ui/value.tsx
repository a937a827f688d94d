import { useId, useState } from 'react'
import { cx } from './cx.ts'
import { segments, segmentsOfEscaped, type Segment } from './segments.ts'
import styles from './value.module.css'

/** A piece of a value as the gateway marked it; `text` is escaped. */
interface MarkedPiece {
  readonly text: string
  readonly kind: 'plain' | 'hidden' | 'break' | 'lookalike' | 'mixed' | 'domain' | 'used' | 'finding'
}

interface Mark {
  readonly part: string
  readonly kind: MarkedPiece['kind']
}

export interface ValueProps {
  /** Text as it came from an agent, a tool or the web. */
  readonly text?: string
  /** The same, escaped by the gateway. One of the two is given. */
  readonly escaped?: string
  /** Pieces instead of `escaped`, with what is to be seen in them. */
  readonly pieces?: readonly MarkedPiece[] | undefined
  /** Parts of a text that nobody marked yet, exactly as they stand in it. */
  readonly marks?: readonly Mark[]
  /** Folds beyond so many characters; a button shows the rest. Never for destinations and selectors. */
  readonly foldAt?: number
  /** Digest of the whole value, said next to the fold. */
  readonly digest?: string
  /** Opens the fold from outside. */
  readonly open?: boolean
  /** Told when the fold is opened. */
  readonly onOpen?: () => void
  readonly className?: string | undefined
}

/**
 * The only part that prints words of others: text nodes in the mono face, each isolated, nothing linked, every character
 * that would not be seen shown as a chip (T-032 to T-035).
 */
export function Value({
  text = '',
  escaped,
  pieces: composed,
  marks = [],
  foldAt,
  digest,
  open: forced = false,
  onOpen,
  className,
}: ValueProps) {
  const [mine, setOpen] = useState(false)
  const open = mine || forced
  const id = useId()
  const pieces = withMarks(partsOf(text, escaped, composed), marks)
  const size = pieces.reduce((sum, piece) => sum + (piece.kind === 'text' ? piece.text.length : 1), 0)
  const folds = foldAt !== undefined && size > foldAt
  const shown = folds && !open ? head(pieces, foldAt) : pieces
  return (
    <span className={cx(styles.whole, className)}>
      <span id={id} dir="ltr" className={styles.value} translate="no">
        {shown.map((piece, at) => (
          <Piece key={at} part={piece} />
        ))}
        {folds && !open && '…'}
        {size === 0 && <span className={styles.none}>empty</span>}
      </span>
      {folds && !forced && (
        <button
          type="button"
          className={styles.fold}
          aria-expanded={open}
          aria-controls={id}
          data-fold={open ? 'open' : 'closed'}
          onClick={() => {
            setOpen(!mine)
            if (!mine) onOpen?.()
          }}
        >
          {open ? 'Show less' : `Show the other ${size - foldAt} of ${size} characters`}
          {digest !== undefined && <code className={styles.digest}>{digest}</code>}
        </button>
      )}
    </span>
  )
}

type Part = Segment & { readonly mark?: MarkedPiece['kind'] }

const partsOf = (
  text: string,
  escaped: string | undefined,
  marked: readonly MarkedPiece[] | undefined,
): readonly Part[] =>
  marked === undefined
    ? escaped === undefined
      ? segments(text)
      : segmentsOfEscaped(escaped)
    : marked.flatMap((piece) => segmentsOfEscaped(piece.text).map((part) => ({ ...part, mark: piece.kind })))

const withMarks = (parts: readonly Part[], marks: readonly Mark[]): readonly Part[] =>
  marks.reduce<readonly Part[]>((before, mark) => before.flatMap((part) => marked(part, mark)), parts)

function marked(part: Part, { part: word, kind }: Mark): readonly Part[] {
  if (part.kind !== 'text' || part.mark !== undefined || word === '') return [part]
  return part.text
    .split(word)
    .flatMap((between, at): readonly Part[] => [
      ...(at === 0 ? [] : [{ ...part, text: word, mark: kind }]),
      { ...part, text: between },
    ])
    .filter((each) => each.kind !== 'text' || each.text !== '')
}

function Piece({ part }: { readonly part: Part }) {
  if (part.kind === 'break') {
    const name = part.sign === '↵' ? 'line break' : 'tab'
    return (
      <>
        <span className={styles.break} role="img" aria-label={name}>
          {part.sign}
        </span>
        <wbr />
      </>
    )
  }
  if (part.kind === 'hidden') {
    return (
      <span className={styles.hidden} role="img" aria-label={part.said} title={part.said}>
        {part.shown}
      </span>
    )
  }
  return <bdi className={cx(styles.leaf, part.mark !== undefined && styles[part.mark])}>{part.text}</bdi>
}

function head(pieces: readonly Part[], room: number): readonly Part[] {
  const kept: Part[] = []
  let left = room
  for (const piece of pieces) {
    if (left <= 0) break
    kept.push(piece.kind === 'text' ? { ...piece, text: piece.text.slice(0, left) } : piece)
    left -= piece.kind === 'text' ? piece.text.length : 1
  }
  return kept
}
