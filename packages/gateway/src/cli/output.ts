import { escapeText } from '@sallyport/core/approval/escape'

/** Columns as wide as their widest cell, two spaces apart; every cell is escaped, so that no text can draw (T-168). */
export function formatTable(headers: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [headers, ...rows].map((row) => row.map((cell) => escapeText(String(cell))))
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd()
  return cells.map(line).join('\n')
}

/** `name  value` lines with aligned values. */
export function formatFields(fields: readonly (readonly [name: string, value: string | number])[]): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length))
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${escapeText(String(value))}`).join('\n')
}
