import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, SallyportError, toSallyportError, type Json, type JsonObject } from '@sallyport/core'

/** Reads one file of a replay folder. @throws SallyportError SP_ATTACK_DATA naming the file, and the line where there is one */
export class ReplayFolder {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  has(name: string): boolean {
    try {
      readFileSync(join(this.#directory, name))
      return true
    } catch {
      return false
    }
  }

  json(name: string): Json {
    return parse(this.#text(name), name)
  }

  /** Objects of a JSONL file; none when the file is not there and `optional`. */
  lines(name: string, optional = false): readonly JsonObject[] {
    if (optional && !this.has(name)) return []
    return this.#text(name)
      .split('\n')
      .flatMap((line, at) => {
        if (line.trim() === '') return []
        const value = parse(line, `${name}:${at + 1}`)
        if (!isJsonObject(value)) throw new SallyportError('SP_ATTACK_DATA', `${name}:${at + 1} is not an object.`)
        return [value]
      })
  }

  #text(name: string): string {
    try {
      return readFileSync(join(this.#directory, name), 'utf8')
    } catch (cause) {
      throw new SallyportError('SP_ATTACK_DATA', `${name} cannot be read: ${toSallyportError(cause).detail}`, { cause })
    }
  }
}

function parse(text: string, where: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new SallyportError('SP_ATTACK_DATA', `${where} is not JSON.`, { cause })
  }
}
