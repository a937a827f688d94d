import { isJsonObject, type Json, type JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { listOf, safeJson, serverPath, textOf } from './answers.ts'

/** Shows what is stored; the server is not asked. Exit 1 when there is a difference. */
export const run: CommandRun = async (io, [server = '']) => {
  const answer = await io.gateway.request('GET', `${serverPath(server)}/tools`)
  const tools = listOf(answer, 'tools')
  const changed = tools.filter((tool) => isJsonObject(tool['seen']) || textOf(tool, 'state') === 'unreviewed')
  if (io.json) {
    io.out(safeJson({ server, changed: changed as readonly Json[] }))
    return changed.length === 0 ? 0 : 1
  }
  if (changed.length === 0) {
    io.err(`The tools of ${server} are what was pinned.`)
    return 0
  }
  io.out(changed.map(describe).join('\n\n'))
  return 1
}

function describe(tool: JsonObject): string {
  const name = safeJson(textOf(tool, 'name')).slice(1, -1)
  const { definition, seen } = tool
  if (!isJsonObject(seen)) return `${name}: new, not reviewed\n${lines('+', definition ?? null).join('\n')}`
  return `${name}: differs from its pin\n${difference(definition ?? null, seen).join('\n')}`
}

/** Lines that only one of two values has, in order (longest common subsequence over their indented JSON). */
export function difference(before: Json, after: Json): readonly string[] {
  const a = lines('', before)
  const b = lines('', after)
  const common: number[][] = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = common[i] ?? []
      row[j] = a[i] === b[j] ? at(common, i + 1, j + 1) + 1 : Math.max(at(common, i + 1, j), at(common, i, j + 1))
    }
  }
  const out: string[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push(`  ${a[i]}`)
      i++
      j++
    } else if (j >= b.length || (i < a.length && at(common, i + 1, j) >= at(common, i, j + 1))) out.push(`- ${a[i++]}`)
    else out.push(`+ ${b[j++]}`)
  }
  return out
}

const at = (table: readonly number[][], i: number, j: number): number => table[i]?.[j] ?? 0

const MAX_LINES = 1_000

const lines = (mark: string, value: Json): readonly string[] =>
  safeJson(value, 2)
    .split('\n')
    .slice(0, MAX_LINES)
    .map((line) => (mark === '' ? line : `${mark} ${line}`))
