/** Ids of requests that have been sent and not answered, so that a lost gateway leaves nobody waiting. Decides nothing. */
export class OpenRequests {
  private readonly ids = new Set<string>()

  get empty(): boolean {
    return this.ids.size === 0
  }

  sent(line: Buffer): void {
    const { id, method } = read(line)
    if (method !== undefined && (typeof id === 'string' || typeof id === 'number')) this.ids.add(JSON.stringify(id))
  }

  answered(line: Buffer): void {
    const { id, method } = read(line)
    if (method === undefined && id !== undefined) this.ids.delete(JSON.stringify(id))
  }

  /** Takes all of them out, as JSON. */
  take(): readonly string[] {
    const ids = [...this.ids]
    this.ids.clear()
    return ids
  }
}

function read(line: Buffer): { readonly id?: unknown; readonly method?: unknown } {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}
