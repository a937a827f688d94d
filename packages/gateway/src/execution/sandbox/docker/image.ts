import { dirname } from 'node:path'
import { sha256 } from '@sallyport/core'
import type { View } from '../view.ts'
import { unavailable, type Engine } from './engine.ts'

const REPOSITORY = 'sallyport-root'
const BLOCK = 512
const MOST_NAME = 100

/**
 * The id of an image whose root holds nothing but the links of a view: it is made here and named by its content, so nothing is ever
 * fetched. Somebody else's image under this name is found out when the root is looked at.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE
 */
export async function imageOf(engine: Engine, links: View['links']): Promise<string> {
  const tar = rootArchive(links)
  const tag = sha256(tar).replace(/^sha256:/, '')
  const named = `/images/${REPOSITORY}:${tag}/json`
  const there = await engine.ask('GET', named, undefined, [404])
  if (there.status === 404) await engine.ask('POST', `/images/create?fromSrc=-&repo=${REPOSITORY}&tag=${tag}`, tar)
  const { value } = there.status === 404 ? await engine.ask('GET', named) : there
  const id = (value as { readonly Id?: unknown } | undefined)?.Id
  if (typeof id !== 'string') throw unavailable('the engine does not say which image its root is')
  return id
}

/** The archive of a root: directories and links, of nobody's time. */
export function rootArchive(links: View['links']): Buffer {
  const directories = [...new Set(links.flatMap(([path]) => above(path)))].sort()
  return Buffer.concat([
    ...directories.map((path) => header(`${path.slice(1)}/`, '5', '')),
    ...links.map(([path, target]) => header(path.slice(1), '2', target)),
    Buffer.alloc(2 * BLOCK),
  ])
}

/** Directories above a path, without the root. */
export const above = (path: string): readonly string[] => {
  const directory = dirname(path)
  return directory === '/' ? [] : [...above(directory), directory]
}

/** One entry in the form of POSIX (ustar). */
function header(name: string, kind: '2' | '5', target: string): Buffer {
  for (const each of [name, target])
    if (Buffer.byteLength(each) > MOST_NAME)
      throw unavailable(`a path of its root is too long: ${JSON.stringify(each)}`)
  const block = Buffer.alloc(BLOCK)
  const put = (at: number, text: string): void => void block.write(text, at)
  put(0, name)
  put(100, '0000755\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, '00000000000\0')
  put(136, '00000000000\0')
  put(148, ' '.repeat(8))
  put(156, kind)
  put(157, target)
  put(257, 'ustar\x0000')
  const sum = block.reduce((all, byte) => all + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return block
}
