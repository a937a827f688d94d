import { resolve } from 'node:path'
import {
  isJsonObject,
  judgePath,
  linkTable,
  SallyportError,
  type JsonObject,
  type PathMode,
  type PathVerdict,
} from '@sallyport/core'
import { resolvePath } from '../../control/content/resolve-path.ts'
import type { CommandRun } from '../command.ts'
import { formatFields } from '../output.ts'
import { runBatch, type Judgement } from './batch.ts'

/** `detect path`: where a path leads from a workspace, with the real links; with --jsonl, with those of the line alone. */
export const run: CommandRun = async (io, args, options) => {
  if (options['jsonl'] === true) return runBatch(process.stdin, (line) => io.out(line), judgeLine)
  const [path] = args
  if (path === undefined)
    throw new SallyportError('SP_CLI_USAGE', 'Give a path, or --jsonl and lines on standard input.')
  const { workspace, mode } = options
  const directory = resolve(io.cwd, typeof workspace === 'string' ? workspace : '.')
  const own = [io.stateDir, ...(io.configPath === undefined ? [] : [resolve(io.cwd, io.configPath)])]
  const result = resolvePath(path, directory, modeOf(mode), { own })
  const { verdict, canonical, inside, findings, facts } = result
  if (io.json) io.out(JSON.stringify(answerOf(result)))
  else {
    io.out(
      formatFields([
        ['verdict', verdict],
        ['path', canonical],
        ['workspace', facts.workspace],
        ['inside', inside ? 'yes' : 'no'],
        ['why', findings.map(({ rule }) => rule).join(', ') || 'nothing against it'],
      ]),
    )
    io.err('This holds for now: a link can be changed before the path is opened.')
  }
  return verdict === 'clean' ? 0 : 1
}

/** One line of the batch form. */
export function judgeLine(line: JsonObject): Judgement {
  const { path, workspace, mode, links, home } = line
  if (typeof path !== 'string') throw new SallyportError('SP_CLI_USAGE', 'The line has no `path`.')
  if (typeof workspace !== 'string' || !workspace.startsWith('/')) {
    throw new SallyportError('SP_CLI_USAGE', 'The line has no absolute `workspace`.')
  }
  const look = linkTable(isJsonObject(links) ? textsOf(links) : {}, workspace)
  const known = typeof home === 'string' ? { home } : {}
  return answerOf(judgePath({ path, workspace, look, ...known }, modeOf(mode))) as Judgement
}

function textsOf(links: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(links).map(([path, target]) => {
      if (typeof target !== 'string') throw new SallyportError('SP_CLI_USAGE', 'A target in `links` is no text.')
      return [path, target]
    }),
  )
}

function modeOf(mode: unknown): PathMode {
  if (mode === undefined) return 'read'
  if (mode === 'read' || mode === 'write' || mode === 'delete') return mode
  throw new SallyportError('SP_CLI_USAGE', 'The mode is read, write or delete.')
}

const SCORES = { clean: 0, ask: 0.7, block: 1 } as const

function answerOf({ verdict, canonical, inside, findings, facts }: PathVerdict): object {
  const [plain] = facts.readings
  return {
    verdict,
    score: SCORES[verdict],
    ...(verdict === 'clean' ? {} : { category: 'path' }),
    canonical,
    inside,
    links: plain.walk.links,
    findings,
  }
}
