import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'

const TYPES: ReadonlyMap<string, string> = new Map([
  ['css', 'text/css; charset=utf-8'],
  ['ico', 'image/x-icon'],
  ['js', 'text/javascript; charset=utf-8'],
  ['json', 'application/json'],
  ['png', 'image/png'],
  ['svg', 'image/svg+xml'],
  ['wasm', 'application/wasm'],
  ['woff2', 'font/woff2'],
])

interface File {
  readonly bytes: Buffer
  readonly type: string
}

/**
 * The built console, read whole when the gateway starts: what is served later is what was there then, and no path of a
 * request ever reaches the file system. The frame names a digest for each file it loads (Subresource Integrity).
 */
export class ConsoleFiles {
  readonly isBuilt: boolean
  readonly #assets = new Map<string, File>()
  readonly #frame: Buffer

  constructor(directory: string) {
    const index = join(directory, 'index.html')
    this.isBuilt = existsSync(index)
    if (!this.isBuilt) {
      this.#frame = Buffer.from(NOT_BUILT)
      return
    }
    for (const [below, prefix] of [
      [directory, '/'],
      [join(directory, 'assets'), '/assets/'],
    ] as const) {
      for (const entry of existsSync(below) ? readdirSync(below, { withFileTypes: true }) : []) {
        const type = TYPES.get(/\.([a-z0-9]+)$/.exec(entry.name)?.[1] ?? '')
        if (!entry.isFile() || type === undefined || entry.name === 'manifest.json') continue
        this.#assets.set(`${prefix}${entry.name}`, { bytes: readFileSync(join(below, entry.name)), type })
      }
    }
    this.#frame = Buffer.from(withDigests(readFileSync(index, 'utf8'), (path) => this.#assets.get(path)?.bytes))
  }

  /** The frame of every page; 503 with what to do where the console was not built. */
  page(response: ServerResponse): void {
    response.writeHead(this.isBuilt ? 200 : 503, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': this.#frame.length,
      'cache-control': 'no-store',
    })
    response.end(this.#frame)
  }

  /** False when there is no such file. Names in `/assets/` carry a digest of their content, so they never change. */
  asset(path: string, response: ServerResponse): boolean {
    const file = this.#assets.get(path)
    if (file === undefined) return false
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': file.bytes.length,
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    response.end(file.bytes)
    return true
  }
}

/** Adds `integrity` to each script and link of our own that has none. */
function withDigests(html: string, bytesOf: (path: string) => Uint8Array | undefined): string {
  return html.replaceAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="(\/[^"?#]*)"[^>]*>/g, (tag, path: string) => {
    const bytes = bytesOf(path)
    if (bytes === undefined || tag.includes(' integrity=')) return tag
    const digest = `sha384-${createHash('sha384').update(bytes).digest('base64')}`
    return tag.replace(/\s*\/?>$/, ` integrity="${digest}">`)
  })
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sallyport</title>
<h1>The console was not built</h1>
<p>The gateway runs and protects. Run <code>npm run build</code> in the checkout and start it again, or decide in a
terminal: <code>sallyport approvals</code>.</p>
`
