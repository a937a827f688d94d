import { Fragment, useId, useState } from 'react'
import { cx } from './cx.ts'
import { segments, segmentsOfEscaped, type Segment } from './segments.ts'
import styles from './value.module.css'

/** What a part of the value is: `like` is the known name that it looks like. */
export interface Mark {
  /** The part, exactly as it stands in the value. */
  readonly part: string
  readonly kind: 'lookalike' | 'mixed' | 'domain' | 'used' | 'finding'
}

export interface ValueProps {
  /** Text as it came from an agent, a tool or the web. */
  readonly text?: string
  /** The same, escaped by the gateway. One of the two is given. */
  readonly escaped?: string
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
  const pieces = escaped === undefined ? segments(text) : segmentsOfEscaped(escaped)
  const size = pieces.reduce((sum, piece) => sum + (piece.kind === 'text' ? piece.text.length : 1), 0)
  const folds = foldAt !== undefined && size > foldAt
  const shown = folds && !open ? head(pieces, foldAt) : pieces
  return (
    <span className={cx(styles.whole, className)}>
      <span id={id} dir="ltr" className={styles.value} translate="no">
        {shown.map((piece, at) => (
          <Piece key={at} piece={piece} marks={marks} />
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

function Piece({ piece, marks }: { readonly piece: Segment; readonly marks: readonly Mark[] }) {
  if (piece.kind === 'break') {
    const name = piece.sign === '↵' ? 'line break' : 'tab'
    return (
      <>
        <span className={styles.break} role="img" aria-label={name}>
          {piece.sign}
        </span>
        <wbr />
      </>
    )
  }
  if (piece.kind === 'hidden') {
    return (
      <span className={styles.hidden} role="img" aria-label={piece.said} title={piece.said}>
        {piece.shown}
      </span>
    )
  }
  return <bdi className={styles.leaf}>{marked(piece.text, marks)}</bdi>
}

function marked(text: string, marks: readonly Mark[]) {
  let parts: readonly { readonly text: string; readonly kind?: Mark['kind'] }[] = [{ text }]
  for (const { part, kind } of marks) {
    if (part === '') continue
    parts = parts.flatMap((each) =>
      each.kind === undefined
        ? each.text
            .split(part)
            .flatMap((between, at) => [...(at === 0 ? [] : [{ text: part, kind }]), { text: between }])
        : [each],
    )
  }
  return parts.map((each, at) =>
    each.kind === undefined ? (
      <Fragment key={at}>{each.text}</Fragment>
    ) : (
      <span key={at} className={styles[each.kind]}>
        {each.text}
      </span>
    ),
  )
}

function head(pieces: readonly Segment[], room: number): readonly Segment[] {
  const kept: Segment[] = []
  let left = room
  for (const piece of pieces) {
    if (left <= 0) break
    kept.push(piece.kind === 'text' ? { ...piece, text: piece.text.slice(0, left) } : piece)
    left -= piece.kind === 'text' ? piece.text.length : 1
  }
  return kept
}
