/** A place in a file, both counted from 1. */
export interface Position {
  readonly line: number
  readonly col: number
}

/** One finding about a policy file. */
export interface Issue extends Position {
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly message: string
}

/** `file:line:col message`, the form editors jump to. */
export const formatIssue = ({ file, line, col, message }: Issue): string => `${file}:${line}:${col} ${message}`

/** Place of a UTF-8 byte offset; the engine counts bytes, editors characters. */
export function positionOfByte(text: string, offset: number): Position {
  return positionOf(text, Buffer.from(text).subarray(0, offset).toString().length)
}

/** Place of a UTF-16 offset. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, col: [...before.slice(start)].length + 1 }
}
