import { scriptKind } from '../../scan/scripts/language.ts'
import type { BundleFile } from '../bundle.ts'
import { isExecutable } from '../parts.ts'

/** Languages whose scripts a trial can start → the program that does. */
const RUNNERS: ReadonlyMap<string, string> = new Map([
  ['shell', 'sh'],
  ['python', 'python3'],
  ['javascript', 'node'],
  ['perl', 'perl'],
  ['ruby', 'ruby'],
])
/** Scripts of one skill that are started. */
const MOST = 40

/** How each script of a skill is started by itself, with the data's folder as its argument; paths below the scratch workspace. */
export function commandsOf(files: readonly BundleFile[]): readonly (readonly string[])[] {
  return files
    .flatMap((file): readonly (readonly string[])[] => {
      const text = Buffer.from(file.bytes.subarray(0, 4_096)).toString('utf8')
      const kind = scriptKind(file.path, text)
      const first = /^#!\s*(?:\S*\/)?([^/\s]+)(?:[ \t]+(\S+))?/.exec(text)
      const named = first?.[1] === 'env' ? first[2] : first?.[1]
      const runner = kind === undefined ? undefined : RUNNERS.get(kind.language)
      const path = `skill/${file.path}`
      if (named !== undefined && /^[\w.+-]{1,40}$/.test(named)) return [[named, path, 'work']]
      if (runner !== undefined) return [[runner, path, 'work']]
      return isExecutable(file) ? [[`./${path}`, 'work']] : []
    })
    .slice(0, MOST)
}
