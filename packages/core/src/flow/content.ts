import { decodedForms, turnedForms } from './decode.ts'
import type { Origin } from './facts.ts'
import { isTainted, type Label } from './label.ts'
import type { FlowMemory } from './memory.ts'
import type { Probe } from './trail.ts'

/** Letters and digits that content may hold without anybody vouching for them: a word such as “Refund” (T-106). */
const UNVOUCHED = 8
/** The same, summed over all calls of a tainted session that went outside (T-105). */
const UNVOUCHED_TOTAL = 32
/** Letters of single short words from vouched texts that one call may be made of. */
const LOOSE = 24
/** Digits of dates, times and numbers in parameters of one call. */
const PLAIN = 32
/** What matches nothing and is longer takes the confidentiality of the session (T-106). */
const REMAINDER = 24
const CONFIDENTIAL = 2
const SECRET = 3

/** What the content leaves of one call carry together. */
export class Content {
  /** Highest confidentiality of what was found in any argument. */
  confidentiality = 0
  #unvouched = 0
  #loose = 0
  #plain = 0
  #unmatched = 0
  #telling = false
  readonly #memory: FlowMemory
  readonly #label: Label

  constructor(memory: FlowMemory, label: Label) {
    this.#memory = memory
    this.#label = label
  }

  /** Letters and digits that neither the user nor trusted results explain. */
  get unvouched(): number {
    return this.#unvouched + Math.max(0, this.#loose - LOOSE) + Math.max(0, this.#plain - PLAIN)
  }

  /** Takes in one leaf of content. */
  take(value: string): Origin {
    const tainted = isTainted(this.#label)
    // nothing to find out: the session has read nothing that matters
    if (value === '' || !this.#matters) return 'model'
    const { trail } = this.#memory
    const probe = trail.probe(value)
    this.#unvouched += probe.size - probe.vouched
    this.#loose += probe.loose
    this.#unmatched += probe.unmatched
    this.#add(probe)
    if (this.#label.confidentiality >= CONFIDENTIAL) {
      for (const form of this.#hidden(value)) this.#add(trail.probe(form))
    }
    if (probe.size > 0 && probe.user === probe.size) return 'user'
    return tainted ? (probe.trusted ? 'trusted' : 'untrusted') : 'model'
  }

  /** Takes in a date, a time or a number of a parameter. */
  takePlain(value: string): Origin {
    if (this.#matters) for (const char of value) if (char >= '0' && char <= '9') this.#plain++
    return 'model'
  }

  /** Looks for secrets in a leaf that says who or which. */
  takeName(value: string): void {
    if (this.#label.confidentiality < SECRET || value === '') return
    const { trail } = this.#memory
    for (const form of [value, ...this.#hidden(value)]) {
      const probe = trail.probe(form)
      if (probe.confidentiality === SECRET && (probe.confidential > 0 || probe.tellingConfidential))
        this.confidentiality = SECRET
    }
  }

  #hidden(value: string): readonly string[] {
    const forms = decodedForms(value)
    return this.#label.confidentiality < SECRET ? forms : [...forms, ...turnedForms(value)]
  }

  get #matters(): boolean {
    return isTainted(this.#label) || this.#label.confidentiality >= CONFIDENTIAL
  }

  #add(probe: Probe): void {
    this.#telling ||= probe.tellingConfidential
    if (probe.confidential > 0 || probe.tellingConfidential) {
      this.confidentiality = Math.max(this.confidentiality, probe.confidentiality)
    }
  }

  /** Confidentiality of what the arguments carry: of what matched, and of the session for a remainder that matches nothing. */
  get carried(): number {
    const isHidden = isTainted(this.#label) && this.#unmatched + Math.max(0, this.#plain - PLAIN) > REMAINDER
    return isHidden ? Math.max(this.confidentiality, this.#label.confidentiality) : this.confidentiality
  }

  get isUntrusted(): boolean {
    const { unvouched } = this
    const total = this.#memory.unvouchedOut + unvouched
    return isTainted(this.#label) && (unvouched > UNVOUCHED || (unvouched > 0 && total > UNVOUCHED_TOTAL))
  }

  get isConfidential(): boolean {
    return this.#label.confidentiality >= CONFIDENTIAL && (this.#telling || this.isUntrusted)
  }

  get hasDetail(): boolean {
    return isTainted(this.#label) && this.#label.confidentiality >= CONFIDENTIAL && this.#telling
  }
}
