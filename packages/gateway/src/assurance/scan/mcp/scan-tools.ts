import { nameSkeleton, severityRank } from '@sallyport/core'
import { findingAt, inOrder, rulesOf, type ScanFinding } from '../finding.ts'
import { imitatedWord } from '../names/imitation.ts'
import { TOOL_WORDS } from '../names/popular.ts'
import { judgeScript } from '../scripts/commands.ts'
import { hiddenCharacters, mixedWord } from '../text/characters.ts'
import { scanText } from '../text/scan-text.ts'
import type { ScanDeps } from '../skill/deps.ts'
import { addressesAgent, COMMAND } from '../skill/instructions.ts'
import { codePieces } from '../text/markdown.ts'
import { annotationFindings } from './annotations.ts'
import { isAboutTalk, parameterFindings } from './parameters.ts'
import { referenceFindings } from './references.ts'
import { at } from './place.ts'
import { textsOf, type ListedServer, type ListedTool } from './tools.ts'

const rule = rulesOf('mcp')
const RULES = {
  name: rule(
    'typosquat.tool-name',
    'high',
    'tool name imitates another one',
    'A model and a reviewer take it for the tool whose name it imitates.',
    'Do not connect this server.',
  ),
  alphabet: rule(
    'typosquat.look-alike-letters',
    'critical',
    'tool name with look-alike letters',
    'It passes for another tool and is not the same to a policy.',
    'Do not connect this server.',
  ),
  twin: rule(
    'shadowing.same-look',
    'high',
    'two tools look alike',
    'Which of them runs is not what the reader thinks.',
    'Do not connect this server.',
  ),
  markup: rule(
    'poisoned.markup',
    'medium',
    'markup of prompts in a description',
    'Marks of this kind give a text the weight of a system message.',
    'Remove the markup.',
  ),
  schema: rule(
    'schema.orders',
    'critical',
    'orders in a part of the schema that people do not read',
    'Models read the whole schema; reviewers read descriptions.',
    'Remove the text.',
  ),
  command: rule(
    'poisoned.command',
    'high',
    'tells the agent to run a command',
    'A tool does its work itself; a description that has the agent run something uses other rights than its own.',
    'Do not connect this server.',
  ),
  given: rule(
    'schema.command',
    'critical',
    'a command in a value that the schema brings along',
    'Calls that say nothing else run it.',
    'Do not connect this server.',
  ),
  turns: rule(
    'poisoned.forged-turns',
    'high',
    'turns of a conversation that nobody had',
    'A model takes them for what its user said and what it agreed to.',
    'Remove the turns.',
  ),
  long: rule(
    'poisoned.long-description',
    'low',
    'unusually long description',
    'Orders hide in what nobody reads to its end.',
    'Read it to its end.',
  ),
}

const MARKUP =
  /<\/?(?:important|system|secret|hidden|instructions?|override|critical|admin|assistant|context|prompt|tool_instructions?|note_to_(?:ai|model|agent))\b[^>]{0,80}>|\[\/?(?:inst|system|important)\]|<\|[\w-]{2,20}\|>|^\s*###?\s*(?:system|instruction)s?\b/i
/** Members whose texts are read by models and by nobody else. */
const UNSEEN =
  /^(?:default|enum|const|examples?|pattern|format|\$comment|\$id|\$ref|\$defs|definitions|title|contentMediaType|x-[\w-]+|_meta|extra|required|type|additionalProperties)$/

/** Both sides of a conversation in which somebody consents, and no example of how the tool is called. */
function forgedTurns(text: string): string | undefined {
  const human = /(?:^|\n)\s{0,4}[*_#<[]{0,3}(?:human|user|h|customer|mensch|utilisateur|usuario)[*_>\]]{0,3}\s?:/i.exec(
    text,
  )
  const agent = /(?:^|\n)\s{0,4}[*_#<[]{0,3}(?:assistant|ai|agent|claude|gpt|a|model)[*_>\]]{0,3}\s?:/i.exec(text)
  if (human === null || agent === null || /\bexamples?\b|e\.g\./i.test(text.slice(0, human.index))) return undefined
  const consent =
    /\b(?:you may|you can now|you have my|go ahead|feel free|i (?:agree|approve|confirm|allow|consent|authori[sz]e|trust)|approved|permission|without (?:asking|confirm\w+|a question)|no need to ask|understood|from now on|i will (?:do|remove|delete|send|always|run))\b/i
  return consent.test(text.slice(Math.min(human.index, agent.index))) ? human[0].trim() : undefined
}

/** Findings of one server's tools, prompts, resources and instructions. @param others servers that are connected at the same time */
export function scanServer(
  server: ListedServer,
  others: readonly ListedServer[],
  deps: ScanDeps,
): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const skeletons = new Map<string, string>()
  for (const tool of server.tools) {
    found.push(...nameFindings(server, tool))
    const twin = skeletons.get(nameSkeleton(tool.name))
    if (twin !== undefined && twin !== tool.name) found.push(at(RULES.twin, server, tool.name))
    skeletons.set(nameSkeleton(tool.name), tool.name)
    found.push(...definitionFindings(server, tool.raw, deps))
    found.push(
      ...annotationFindings(server, tool),
      ...parameterFindings(server, tool),
      ...referenceFindings(server, tool, others),
    )
  }
  for (const [, value] of server.rest) found.push(...definitionFindings(server, value, deps))
  return inOrder(found)
}

function nameFindings(server: ListedServer, tool: ListedTool): ScanFinding[] {
  const { name } = tool
  const found: ScanFinding[] = []
  if (mixedWord(name) !== undefined || (/[A-Za-z]/.test(name) && /[^\x20-\x7e]/.test(name)))
    found.push(at(RULES.alphabet, server, name))
  const like = imitatedWord(name, TOOL_WORDS)
  if (like !== undefined)
    found.push({ ...at(RULES.name, server, name), evidence: `${name} for ${like.of}: ${like.how}` })
  return found
}

/** A value to choose from is a word or two; one that says what to do is meant for whoever reads it. */
const isOrder = (text: string): boolean =>
  text.trim().split(/\s+/).length >= 3 &&
  new Set(
    text
      .toLowerCase()
      .match(
        /\b(?:call|run|read|send|include|ignore|first|before|always|must|important|assistant|agent|user|model|also|execute|pass|secret|file|tool)\b/g,
      ),
  ).size >= 2

/** A command or statement that a schema brings along runs without anybody having typed it. */
function givenCommands(text: string, server: ListedServer, deps: ScanDeps): ScanFinding[] {
  const statement = /\b(?:drop\s+(?:table|database|schema)|truncate\s+table|delete\s+from\s+\w+\s*(?:;|$))/i.exec(text)
  const worst = judgeScript(text, deps.parse).find(
    ({ rule: { severity } }) => severityRank(severity) >= severityRank('high'),
  )
  if (worst === undefined && statement === null) return []
  return [{ ...at(RULES.given, server, text), evidence: text.slice(0, 160) }]
}

/** Everything in a definition that a model reads. */
function definitionFindings(server: ListedServer, value: unknown, deps: ScanDeps): ScanFinding[] {
  const found: ScanFinding[] = []
  const { name, description } = (value ?? {}) as { readonly name?: unknown; readonly description?: unknown }
  const talk = isAboutTalk(typeof name === 'string' ? name : '', typeof description === 'string' ? description : '')
  for (const { key, text, isName, path } of textsOf(value)) {
    const start = Math.max(0, server.text.indexOf(JSON.stringify(text).slice(1, 60)))
    const place = (finding: ScanFinding): ScanFinding => ({
      ...findingAt(finding, server.name, server.text, start, start + 1, finding.severity),
      evidence: finding.evidence,
    })
    const characters = hiddenCharacters(text, server.name, 'mcp').map(place)
    found.push(
      ...characters.map((finding) =>
        finding.severity === 'medium' && (isName || key === 'name')
          ? { ...finding, severity: 'high' as const }
          : finding,
      ),
    )
    if (isName) {
      const spoken = text.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_\-.]+/g, ' ')
      if (/\s/.test(spoken) && spoken.length > 12)
        for (const finding of orders(spoken, server, deps))
          found.push(place({ ...finding, ...RULES.schema, evidence: text }))
      continue
    }
    if (text.length < 8) continue
    const unseen = UNSEEN.test(key) && /\s/.test(text) && !/^properties\b/.test(path)
    const hits = scanText(text, { file: server.name, prefix: 'mcp', place: unseen ? 'hidden' : 'mcp' }, deps).filter(
      ({ id }) =>
        !id.startsWith('mcp.hidden.') &&
        !(talk && id === 'mcp.persistence.memory-changed') &&
        !(
          talk &&
          path.startsWith('inputSchema') &&
          id === 'mcp.exfiltration.sensitive-argument' &&
          !/secret|password|token|key|cookie/i.test(text)
        ),
    )
    found.push(...hits.map(place))
    if (unseen && hits.some(({ severity }) => severity === 'critical')) found.push(at(RULES.schema, server, text))
    for (const piece of codePieces(text)) {
      const before = text.slice(Math.max(0, piece.start - 120), piece.start)
      if (
        COMMAND.test(piece.text) &&
        /\b(?:agent|assistant|model|you|first|must|need to|has to|have to|please|before)\b[^.]*\b(?:run|runs|execute|executes|install|installs|call|type|start)\b|\b(?:run|execute|install)\b[^.]*\b(?:first|before|host|terminal|shell)\b/i.test(
          before + text.slice(piece.end, piece.end + 60),
        ) &&
        !/\b(?:never|not|don't)\b/i.test(before)
      )
        found.push(at(RULES.command, server, piece.text))
    }
    if (key === 'enum' && isOrder(text)) found.push(at(RULES.schema, server, text))
    if (/^(?:default|const|enum)$/.test(key) && /\s/.test(text)) found.push(...givenCommands(text, server, deps))
    for (const comment of text.matchAll(/<!--([^]{1,4000}?)(?:-->|$)/g)) {
      found.push(...scanText(comment[1] ?? '', { file: server.name, prefix: 'mcp', place: 'hidden' }, deps).map(place))
      if (addressesAgent(comment[1] ?? ''))
        found.push(
          at(
            {
              ...RULES.markup,
              id: 'mcp.hidden.orders',
              severity: 'high',
              title: 'a comment in a description speaks to the agent',
            },
            server,
            comment[0],
          ),
        )
    }
    if (MARKUP.test(text))
      found.push(
        at(
          RULES.markup,
          server,
          MARKUP.exec(text)?.[0] ?? text,
          hits.some(({ severity }) => severity === 'high' || severity === 'critical') ? 'high' : 'medium',
        ),
      )
    const turns = forgedTurns(text)
    if (turns !== undefined) found.push(at(RULES.turns, server, turns))
    if (key === 'description' && text.length > 4_000) found.push(at(RULES.long, server, text.slice(0, 80)))
  }
  return found
}

/** Names of parameters can be sentences: `content_of_ssh_id_rsa`. */
function orders(spoken: string, server: ListedServer, deps: ScanDeps): readonly ScanFinding[] {
  const sensitive =
    /\b(?:id rsa|ssh key|private key|aws (?:credentials|keys?)|env file|dot ?env|passwd|shadow|system prompt|chat history|conversation history|all (?:api )?keys|seed phrase)\b/i.test(
      spoken,
    )
  const acts =
    /\b(?:contents?|read|reading|file|dump|from|of|paste|copy|send|include|verbatim|full|first|before)\b/i.test(spoken)
  const hits = scanText(spoken, { file: server.name, prefix: 'mcp', place: 'mcp' }, deps).filter(
    ({ severity }) => severity === 'high' || severity === 'critical',
  )
  if (hits.length > 0) return hits
  return sensitive && acts ? [{ ...RULES.schema, file: server.name, line: 1, column: 1, evidence: spoken }] : []
}
