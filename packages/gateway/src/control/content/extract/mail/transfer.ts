/** Bytes of a body as it was sent (RFC 2045 §6). Undefined for an encoding that is not known. */
export function undoTransfer(body: Buffer, encoding: string): Buffer | undefined {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return body
    case 'base64':
      return Buffer.from(body.toString('latin1'), 'base64')
    case 'quoted-printable':
      return undoQuoted(body.toString('latin1'))
    default:
      return undefined
  }
}

const undoQuoted = (text: string): Buffer =>
  Buffer.from(
    text
      .replace(/=[ \t]{0,100}\r?\n/g, '')
      .replace(/=([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

/** Text of bytes in a character set; `sure` is false where it may read otherwise. */
export function undoCharset(
  bytes: Buffer,
  charset: string | undefined,
): { readonly text: string; readonly sure: boolean } {
  try {
    return { text: new TextDecoder(charset ?? 'utf-8', { fatal: true }).decode(bytes), sure: true }
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), sure: false }
  }
}

const WORD = /=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bq])\?([^?\s]{0,2000})\?=/gi

/** Encoded words in a header (RFC 2047). */
export function undoWords(header: string): string {
  if (!header.includes('=?')) return header
  const joined = header.replace(/\?=\s{1,20}=\?/g, '?==?')
  return joined.replace(WORD, (_, charset: string, kind: string, data: string) => {
    const bytes = kind.toLowerCase() === 'b' ? Buffer.from(data, 'base64') : undoQuoted(data.replaceAll('_', ' '))
    return undoCharset(bytes, charset).text
  })
}
