import { SallyportError, type JsonObject } from '@sallyport/core'
import { verdictOf, type ScanFinding, type ScanVerdict } from './finding.ts'
import { subjectFile } from './files/decode.ts'
import { scanMcp, type McpKind } from './mcp/scan-mcp.ts'
import type { ScanDeps } from './skill/deps.ts'
import { scanSkill } from './skill/scan-skill.ts'

/** What a line of the batch form answers. */
export interface LineAnswer {
  readonly verdict: ScanVerdict
  readonly score: number
  readonly category: string | null
  readonly findings: readonly ScanFinding[]
}

const KINDS: Readonly<Record<string, McpKind>> = {
  mcp_tools: 'tools',
  mcp_pair: 'pair',
  mcp_multi: 'multi',
  mcp_config: 'config',
}

/**
 * One subject of the batch form: `files` maps paths to texts, `kind` is `skill` (default), `plugin` or one of `mcp_tools`, `mcp_pair`,
 * `mcp_multi`, `mcp_config`.
 * @throws SallyportError SP_CLI_USAGE when the line has no files
 */
export async function scanLine(line: JsonObject, deps: ScanDeps): Promise<LineAnswer> {
  const { files, kind } = line
  if (typeof files !== 'object' || files === null || Array.isArray(files))
    throw new SallyportError('SP_CLI_USAGE', 'The line has no `files`: a map of paths to texts.')
  const texts = Object.entries(files).map(([path, text]): readonly [string, string] => [
    path,
    typeof text === 'string' ? text : JSON.stringify(text),
  ])
  const mcp = typeof kind === 'string' ? KINDS[kind] : undefined
  const findings =
    mcp === undefined
      ? await scanSkill(
          {
            name: typeof line['id'] === 'string' ? line['id'] : 'subject',
            files: texts.map(([path, text]) => subjectFile(path, Buffer.from(text))),
            notes: [],
          },
          deps,
        )
      : scanMcp(mcp, texts, deps)
  const verdict = verdictOf(findings)
  return {
    verdict,
    score: verdict === 'block' ? 1 : verdict === 'ask' ? 0.8 : findings.length > 0 ? 0.2 : 0,
    category: findings[0]?.id.split('.').slice(0, 2).join('.') ?? null,
    findings,
  }
}
