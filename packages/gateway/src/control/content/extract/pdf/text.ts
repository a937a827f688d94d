/** A text string outside content (§7.9.2.2). */
export function pdfText(bytes: string): string {
  const data = Buffer.from(bytes, 'latin1')
  if (bytes.startsWith('\xfe\xff')) return new TextDecoder('utf-16be').decode(data.subarray(2))
  if (bytes.startsWith('\xff\xfe')) return new TextDecoder('utf-16le').decode(data.subarray(2))
  if (bytes.startsWith('\xef\xbb\xbf')) return data.subarray(3).toString('utf8')
  return new TextDecoder('windows-1252').decode(data)
}
