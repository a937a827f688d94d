import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A place where a value was found that should be nowhere, and how it looked there. */
export interface Hit {
  readonly where: string
  readonly form: string
}

/**
 * Ways in which a value may lie somewhere. Base64 at its three offsets, without what depends on its neighbours, and with both alphabets;
 * two bytes a character is how engines hold strings.
 */
function formsOf(value: string): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(value)
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((bytes.length + shift) * 8) / 6))
  })
  const hex = bytes.toString('hex')
  const forms: [string, string | Buffer][] = [
    ['plain', bytes],
    ['two bytes a character', Buffer.from(value, 'utf16le')],
    ['URL', encodeURIComponent(value)],
    ['JSON', JSON.stringify(value).slice(1, -1)],
    ['reversed', [...value].reverse().join('')],
    ...[hex, hex.toUpperCase()].map((text): [string, string] => ['hex', text]),
    ...base64.flatMap((text): [string, string][] => [
      ['base64', text],
      ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')],
    ]),
  ]
  return new Map(forms.map(([name, form], at) => [`${name} #${at}`, Buffer.from(form as string)]))
}

/** Looks for values in whatever a run has left. A scan of much takes long pieces: 0 hits mean nothing was found in `bytes` bytes. */
export class CanaryScan {
  readonly hits: Hit[] = []
  /** How much was looked through. */
  bytes = 0
  files = 0
  readonly #forms: readonly (readonly [string, Buffer])[]
  readonly #longest: number

  /** @param values by their names; each at least as long as nothing that occurs by chance */
  constructor(values: Readonly<Record<string, string>>) {
    this.#forms = Object.entries(values).flatMap(([name, value]) => {
      if (value.length < 16) throw new RangeError(`${name} is too short for a canary.`)
      return [...formsOf(value)].map(([form, bytes]) => [`${name}, ${form}`, bytes] as const)
    })
    this.#longest = Math.max(...this.#forms.map(([, { length }]) => length))
  }

  /** What is not bytes is looked through as JSON. */
  look(where: string, what: unknown): this {
    const bytes = Buffer.isBuffer(what) ? what : Buffer.from(typeof what === 'string' ? what : JSON.stringify(what))
    this.bytes += bytes.length
    for (const [form, wanted] of this.#forms) if (bytes.includes(wanted)) this.hits.push({ where, form })
    return this
  }

  /** A file of any size, in pieces that overlap. */
  file(path: string): this {
    const file = openSync(path, 'r')
    try {
      const piece = Buffer.alloc(8 * 2 ** 20)
      let kept = 0
      this.files++
      for (;;) {
        const read = readSync(file, piece, kept, piece.length - kept, null)
        if (read === 0) return this
        this.look(path, piece.subarray(0, kept + read))
        const tail = Math.min(this.#longest, kept + read)
        piece.copyWithin(0, kept + read - tail, kept + read)
        kept = tail
      }
    } finally {
      closeSync(file)
    }
  }

  /** Every file below a directory, and their names; links are not followed. */
  directory(path: string): this {
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
      const at = join(entry.parentPath, entry.name)
      this.look('a name of a file', at)
      if (entry.isFile() && statSync(at, { throwIfNoEntry: false })?.isFile() === true) this.file(at)
    }
    return this
  }
}
