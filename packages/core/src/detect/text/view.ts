/**
 * A text as a detector reads it, with the way back to the text as it was given. All detectors read the same views, so that
 * what hides from one hides from none (TM-EXEC-004).
 */
export interface TextView {
  /** Folded text: compatibility forms, look-alikes and full-width forms as ASCII, invisible characters gone. Case is kept. */
  readonly text: string
  /** Offset in the source of the unit at `index`; `index === text.length` gives the end of the source. */
  sourceOffset(index: number): number
  readonly signals: TextSignals
}

/** What folding met: points for rules, evidence for people. Counts of source characters. */
export interface TextSignals {
  /** Zero-width and other default-ignorable characters, tag characters apart. */
  readonly invisible: number
  /** U+E0000…E007F. */
  readonly tags: number
  /** Embedding, override and isolate controls. */
  readonly bidi: number
  /** Variation selectors beyond one after an emoji or ideograph. */
  readonly variation: number
  /** Words that mix scripts which look alike, e.g. Cyrillic letters in a Latin word. */
  readonly mixedScript: number
  /** Control characters other than tab and line breaks, lone surrogates, U+FFFD. */
  readonly control: number
}

/** A part of the text that decodes to something: base64, hex, percent, HTML or JSON escapes, tag characters … */
export interface DecodedSegment {
  /** How it was reached from the source, outermost first: `base64`, `url>base64`. */
  readonly via: string
  /** Decoded text. */
  readonly text: string
  /** The encoded run in the source, UTF-16 units. */
  readonly start: number
  readonly end: number
}
