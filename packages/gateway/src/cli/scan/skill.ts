import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { SallyportError, type JsonObject } from '@sallyport/core'
import { readSubject } from '../../assurance/scan/files/read-subject.ts'
import { verdictOf } from '../../assurance/scan/finding.ts'
import { summaryOf } from '../../assurance/scan/report/report.ts'
import { scanLine } from '../../assurance/scan/scan-lines.ts'
import { scanSkill } from '../../assurance/scan/skill/scan-skill.ts'
import type { CliIo, CommandRun } from '../command.ts'
import { runBatch, type Judgement } from '../detect/batch.ts'
import { scanDeps } from './deps.ts'
import { finish, formatOf } from './print.ts'

/** Where hosts keep skills and plugins, below the project and the home directory. */
const PLACES = [
  'skills',
  '.claude/skills',
  '.agents/skills',
  '.codex/skills',
  '.openclaw/skills',
  '.claude/plugins',
  '.openclaw/plugins',
  '.cursor/plugins',
]
/** Milliseconds that reading one subject may take. */
const LONGEST = 120_000

/** `scan skill|plugin PATH|NAME`: 0 nothing from `--fail-on` on · 1 findings · 2 usage · 3 could not do its job (HB-105). */
export const run: CommandRun = async (io, [path], options) => {
  const deps = await scanDeps()
  if (options['jsonl'] === true)
    return runBatch(
      process.stdin,
      (line) => io.out(line),
      async (line: JsonObject) => (await scanLine(line, deps)) as unknown as Judgement,
    )
  const form = formatOf(io, options)
  if (path === undefined)
    throw new SallyportError(
      'SP_CLI_USAGE',
      'Give the folder, archive or name to scan, or --jsonl with lines on standard input.',
    )
  const now = (): number => performance.now()
  const subject = await readSubject(placeOf(io, path), { now, deadline: now() + LONGEST })
  const findings = await scanSkill(subject, deps)
  return finish(io, form, {
    subject: subject.name,
    verdict: verdictOf(findings),
    summary: summaryOf(findings),
    files: subject.files.length,
    findings,
  })
}

function placeOf(io: CliIo, path: string): string {
  const direct = resolve(io.cwd, path)
  if (existsSync(direct) || !/^[\w.-]{1,80}$/.test(path)) return direct
  for (const root of [io.cwd, homedir()])
    for (const place of PLACES) if (existsSync(join(root, place, path))) return join(root, place, path)
  throw new SallyportError(
    'SP_CLI_USAGE',
    `There is no ${path} here, and no skill or plugin of that name is installed.`,
  )
}
