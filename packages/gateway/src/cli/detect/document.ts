import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { extractDocument } from '../../control/content/extract/extract.ts'
import { ON_DEMAND } from '../../control/content/extract/extraction.ts'
import { visibleOnly } from '../../control/content/extract/visible-only.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const LONGEST = 120

/** Exit 1: hidden text, or a part that cannot be read. */
export const run: CommandRun = async (io, [file], options) => {
  const bytes = file === undefined || file === '-' ? await standardInput() : await open(resolve(io.cwd, file))
  const type = typeof options['type'] === 'string' ? options['type'] : typeOf(file ?? '')
  const found = await extractDocument(bytes, type)
  const clean = found.complete && found.hidden.length === 0
  if (options['visible'] === true) {
    const language = found.kind === 'markdown' ? 'markdown' : 'html'
    const keep = options['onDemand'] === true ? ON_DEMAND : undefined
    const isSource = found.kind === 'html' || found.kind === 'markdown' || found.kind === 'svg'
    io.out(isSource ? visibleOnly(bytes.toString('utf8'), language, keep).text : found.visible)
  } else if (io.json) io.out(JSON.stringify(found))
  else {
    const short = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, LONGEST)
    const rows = [
      ...found.notes.map(({ rule, severity, detail }) => [rule, severity, detail] as const),
      ...found.hidden.map(({ how, text }) => [`hidden.${how}`, '', short(text)] as const),
    ]
    io.out(`${found.kind}, ${found.visible.length} characters seen${found.complete ? '' : ', not read to the end'}`)
    if (rows.length > 0) io.out(formatTable(['what', 'severity', 'text'], rows))
  }
  return clean ? 0 : 1
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function open(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${path} cannot be read.`, { cause })
  }
}

const TYPES: readonly (readonly [ending: RegExp, type: string])[] = [
  [/\.x?html?$/i, 'text/html'],
  [/\.(md|markdown)$/i, 'text/markdown'],
  [/\.svg$/i, 'image/svg+xml'],
  [/\.(xml|rss|atom)$/i, 'application/xml'],
  [/\.(txt|log|json|csv)$/i, 'text/plain'],
]
const typeOf = (name: string): string | undefined => TYPES.find(([ending]) => ending.test(name))?.[1]
