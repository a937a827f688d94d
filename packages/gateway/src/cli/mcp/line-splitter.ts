/** Cuts a byte stream after each line break; the bytes themselves stay as they are. */
export class LineSplitter {
  private rest: Buffer[] = []

  /** Complete lines with their line break. */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let start = 0
    for (;;) {
      const end = chunk.indexOf(0x0a, start)
      if (end < 0) break
      const piece = chunk.subarray(start, end + 1)
      lines.push(this.rest.length === 0 ? piece : Buffer.concat([...this.rest, piece]))
      this.rest = []
      start = end + 1
    }
    if (start < chunk.length) this.rest.push(chunk.subarray(start))
    return lines
  }
}
