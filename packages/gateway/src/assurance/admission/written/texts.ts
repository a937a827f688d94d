import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TextEdit } from '../../../boundary/ports-code.ts'

/** Bytes of a file that is there which an edit is joined with. */
const MOST = 4 * 1024 * 1024

/** Where a path of a call leads; undefined when that depends on something unknown. */
export function absolutePath(path: string, cwd: string | undefined): string | undefined {
  if (/^file:\/\//i.test(path)) {
    try {
      return fileURLToPath(path)
    } catch {
      return undefined
    }
  }
  if (/^~(?:\/|$)/.test(path)) return join(homedir(), path.slice(1))
  if (isAbsolute(path)) return resolve(path)
  return cwd === undefined ? undefined : resolve(cwd, path)
}

/** The text that is there now; undefined where there is none that can be read. Waits for no pipe and reads no device. */
export function textThere(path: string): string | undefined {
  let handle: number | undefined
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = fstatSync(handle)
    return found.isFile() && found.size <= MOST ? readFileSync(handle, 'utf8') : undefined
  } catch {
    return undefined
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** The text with its replacements made; undefined when one of them does not fit it. Line ends of the text are kept. */
export function edited(before: string, edits: readonly TextEdit[]): string | undefined {
  const crlf = before.includes('\r\n')
  const own = (text: string): string => (crlf ? text.replace(/\r?\n/g, '\r\n') : text)
  let text = before
  for (const { old, text: next, all } of edits) {
    if (old === undefined || (old === '' && text !== '')) return undefined
    const wanted = text.includes(old) ? old : own(old)
    if (!text.includes(wanted)) return undefined
    const put = wanted === old ? next : own(next)
    text = all === true ? text.split(wanted).join(put) : text.replace(wanted, () => put)
  }
  return text
}

/** Pages with everything blank but their scripts; each character stays where it is. */
export function scriptsOf(text: string): string {
  const blank = (part: string): string => part.replace(/[^\r\n]/g, ' ')
  let result = ''
  let at = 0
  const found = text.matchAll(/(<script\b[^>]*>)([\s\S]*?)(?=<\/script\b|$(?![\s\S]))|^---\r?\n[\s\S]*?\r?\n---\r?$/gim)
  for (const { index, 0: whole, 1: tag = '', 2: body } of found) {
    if (
      body === undefined ||
      /\btype\s*=\s*["']?(?!module|text\/(?:java|type)script|application\/javascript)[\w/+-]/i.test(tag)
    )
      continue
    result += blank(text.slice(at, index + tag.length)) + body
    at = index + whole.length
  }
  return result + blank(text.slice(at))
}

/** Python of a notebook, cell after cell; undefined when it is none. Lines of magic are blank. */
export function cellsOf(text: string): string | undefined {
  let cells: unknown
  try {
    cells = (JSON.parse(text) as { readonly cells?: unknown }).cells
  } catch {
    return undefined
  }
  if (!Array.isArray(cells)) return undefined
  return cells
    .map((cell: { readonly cell_type?: unknown; readonly source?: unknown } | null) => {
      if (cell?.cell_type !== 'code') return ''
      const { source } = cell
      return withoutMagic(
        Array.isArray(source) ? source.map(String).join('') : typeof source === 'string' ? source : '',
      )
    })
    .join('\n')
}

/** `%time`, `!pip install x`: not Python, and not code that is kept. */
export const withoutMagic = (text: string): string => text.replace(/^[%!].*$/gm, '')
