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

/** Places of ascending UTF-16 offsets, without going back to the start each time. */
export function forwardPositions(text: string): (offset: number) => Position {
  let line = 1
  let start = 0
  return (offset) => {
    for (let next = text.indexOf('\n', start); next >= 0 && next < offset; next = text.indexOf('\n', start)) {
      line++
      start = next + 1
    }
    return { line, col: [...text.slice(start, offset)].length + 1 }
  }
}
