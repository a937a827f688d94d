import { SallyportError } from '../../errors/error.ts'

/**
 * Text whose origin the compiler knows (AC-3.4.1, E-32). It never turns into a string by accident: not by concatenation, template,
 * comparison or JSON. Whoever wants the text says so with `reveal`, and a place that may hold nothing but trusted text asks for
 * `TrustedContent`.
 */
abstract class OriginText {
  readonly #text: string
  /** Where it came from, for the log: `mail.read_message`, `hook:claude-code`, `api:words`. */
  readonly source: string

  constructor(text: string, source: string) {
    this.#text = text
    this.source = source
  }

  /** The text itself. Named so that a reader sees where a wrapper is opened. */
  reveal(): string {
    return this.#text
  }

  get length(): number {
    return this.#text.length
  }

  toString(): never {
    throw mistake(`Text from ${this.source} was used as a plain string.`)
  }

  toJSON(): never {
    throw mistake(`Text from ${this.source} was put into JSON.`)
  }

  [Symbol.toPrimitive](): never {
    throw mistake(`Text from ${this.source} was used as a plain value.`)
  }
}

/** Words of the operator or of a user over a proven channel: they may instruct within policy. */
export class TrustedContent extends OriginText {
  declare protected readonly trust: 'trusted'
  private readonly isTrusted = true

  static is(value: unknown): value is TrustedContent {
    return value instanceof TrustedContent && value.isTrusted
  }
}

/** Everything else that came from outside this process: data, never instructions. */
export class UntrustedContent extends OriginText {
  declare protected readonly trust: 'untrusted'
  private readonly isUntrusted = true

  static is(value: unknown): value is UntrustedContent {
    return value instanceof UntrustedContent && value.isUntrusted
  }
}

/** External text at the door (AC-3.4.2). */
export const wrapUntrusted = (text: string, source: string): UntrustedContent => new UntrustedContent(text, source)

/** A record of a promotion, for the audit trail (AC-3.4.3). */
export interface Promotion {
  readonly source: string
  readonly justification: string
  readonly length: number
}

/**
 * Makes untrusted text trusted. There is no other way, and none without a reason and a record.
 * @throws SallyportError SP_CONTENT_TRUST without a justification, or for what is not wrapped
 */
export function promoteTrust(
  content: UntrustedContent,
  justification: string,
  record: (promotion: Promotion) => void,
): TrustedContent {
  requireUntrusted(content)
  if (justification.trim().length < 8) throw mistake('A promotion of trust needs a justification.')
  record({ source: content.source, justification, length: content.length })
  return new TrustedContent(content.reveal(), content.source)
}

/** Run-time half of the type (AC-3.4.4): a raw string that got here through a cast is refused. */
export function requireUntrusted(value: unknown): asserts value is UntrustedContent {
  if (!UntrustedContent.is(value)) throw mistake('External text reached a trust boundary without its wrapper.')
}

/** The same for a place that takes trusted text only. */
export function requireTrusted(value: unknown): asserts value is TrustedContent {
  if (!TrustedContent.is(value)) throw mistake('Text that nobody vouches for reached a place for trusted text.')
}

const mistake = (detail: string): SallyportError => new SallyportError('SP_CONTENT_TRUST', detail)
