import type { DecodedSegment } from './view.ts'

/**
 * Writings that are undone only where common words show that they are there: a text in plain words is never turned round. Linear;
 * at most one further text of the same length for each of them.
 */
interface Disguise {
  readonly id: string
  /** What must occur, and how often. Cheap: one pass. */
  readonly trigger: RegExp
  readonly least: number
  readonly undo: (text: string) => string
}

const turn = (char: string, by: number): string => {
  const base = char < 'a' ? 65 : 97
  return String.fromCharCode(base + ((char.charCodeAt(0) - base + by) % 26))
}

const backwards = (text: string): string => Array.from(text).reverse().join('')

const DISGUISES: readonly Disguise[] = [
  {
    id: 'rot13',
    trigger:
      /\b(?:gur|naq|lbh|lbhe|cyrnfr|vtaber|qvfertneq|sbetrg|cerivbhf|nobir|vafgehpgvba|vafgehpgvbaf|cebzcg|flfgrz|erirny|ehyrf)\b/gi,
    least: 2,
    undo: (text) => text.replace(/[a-z]/gi, (char) => turn(char, 13)),
  },
  {
    id: 'reversed',
    trigger:
      /\b(?:eht|uoy|ruoy|esaelp|erongi|drageresid|tegrof|suoiverp|evoba|noitcurtsni|snoitcurtsni|tpmorp|metsys|laever|selur|dnes|lla)\b/gi,
    least: 2,
    undo: backwards,
  },
  {
    id: 'reversed-words',
    trigger: /\b(?:eht|uoy|ruoy|esaelp|erongi|drageresid|tegrof|suoiverp|noitcurtsni|snoitcurtsni|tpmorp|metsys)\b/gi,
    least: 2,
    undo: (text) => text.replace(/[A-Za-z]+/g, backwards),
  },
  {
    id: 'spaced-letters',
    trigger: /(?<![^\s"'([])[A-Za-z0-9@$](?:[ .,_*|~-][A-Za-z0-9@$]){4,}(?![^\s"'.,!?)\]])/g,
    least: 1,
    // One space between letters, more between words; where words have one as well, they run together and rules see through it.
    undo: (text) =>
      text.replace(/(?<![^\s"'([])[A-Za-z0-9@$](?:[ .,_*|~-]{1,3}[A-Za-z0-9@$](?![A-Za-z0-9])){4,}/g, (run) =>
        run.replace(/ {2,}|[/]/g, '\n').replace(/[ .,_*|~-]/g, '').replace(/\n/g, ' '),
      ),
  },
  {
    id: 'joined-words',
    trigger: /(?:ignore|disregard|forget|override|reveal|bypass|dismiss|repeat|print|show|Ignore|Disregard|Forget|Override|Reveal|Bypass|Dismiss|Repeat|Print|Show)(?:[A-Z][a-z]+){2,}/g,
    least: 1,
    undo: (text) => text.replace(/([a-z])(?=[A-Z])/g, '$1 '),
  },
]

/** Other readings of a folded text. Offsets are those of the whole text: what is undone has no places of its own. */
export function disguises(text: string): readonly DecodedSegment[] {
  const found: DecodedSegment[] = []
  for (const { id, trigger, least, undo } of DISGUISES) {
    let count = 0
    for (const _ of text.matchAll(trigger)) if (++count >= least) break
    if (count < least) continue
    const undone = undo(text)
    if (undone !== text) found.push({ via: id, text: undone, start: 0, end: text.length })
  }
  return found
}
