import { asNotice, type RuleText, type ScanFinding } from '../finding.ts'
import { readProse } from '../prose/read.ts'
import { at } from './place.ts'
import { parametersOf, type ListedServer, type ListedTool } from './tools.ts'

const rule = (name: string, severity: RuleText['severity'], title: string, why: string): RuleText => ({
  id: `mcp.${name}`,
  severity,
  title,
  why,
  fix: 'Do not connect the two together, or remove the passage.',
})
const STEERS = rule(
  'shadowing.other-tool-steered',
  'high',
  'steers how another tool is used',
  'A description reaches the model with every call of every server; it must speak of its own tool only.',
)
const CROSS = rule(
  'cross-server.reference',
  'high',
  'draws on a tool of another server',
  'Data of one server flows to another that was not trusted with it.',
)
const SAME = rule(
  'cross-server.same-name',
  'high',
  'has a tool of the same name as another server',
  'Which of the two is called depends on the host, not on the user.',
)
const PREFERRED = rule(
  'shadowing.preferred',
  'medium',
  'wants to be used instead of others',
  'Praise and prohibitions in a description decide what the model calls.',
)

/** What many servers have and nobody gives anything to: which of the two answers sends nothing anywhere. */
const isNeutral = (tool: ListedTool): boolean =>
  (/^(?:get_?|server_?|show_?|api_?)*(?:version|ping|health(?:_?check)?|status|help|about|info|capabilities|uptime|heartbeat|whoami)$/i.test(
    tool.name,
  ) ||
    (/^(?:get|list|show|search|describe)[_-]?(?:tools?|resources|prompts|help|time|date|config|settings|capabilities|languages|formats|regions|versions|options|limits|categories|tags)$/i.test(
      tool.name,
    ) &&
      (tool.raw['annotations'] as Readonly<Record<string, unknown>> | undefined)?.['readOnlyHint'] === true)) &&
  tool.description.length < 200 &&
  [...parametersOf(tool.raw['inputSchema'])].length === 0

/** Names as texts write them: with a sign inside, in back ticks, or called. */
const NAMED =
  /`([\w.:-]{2,64})`|["']([a-z][\w-]{1,40}[_-][\w-]{1,40})["']|\b([a-z][a-z0-9]{1,30}(?:[_-][a-z0-9]{1,30}){1,5})\b|\b([a-z]+(?:[A-Z][a-z0-9]+){1,4})\b|\b([A-Za-z][\w-]{2,40})(?=\()|\b(?:tool|function) ([a-z][\w-]{2,40})\b/g
const SAYS_TOOL =
  /\b(?:tools?|functions?|call|invoke|use|run|through|using|by|output of|result of|server|before|after|instead of|when|whenever|via|with)\s*$/i
const PREFERS =
  /\binstead of (?:any|every|all|the) (?:other |built-?in |native |standard )?(?:\w+ ){0,2}(?:tools?|servers?|functions?)\b[^.]{0,20}\b(?:call|use|choose|take|prefer|pick) (?:this|it)\b|\b(?:those|the others|all others|other (?:\w+ )?(?:tools|servers)) are (?:compromised|unsafe|broken|insecure|malicious|untrusted|infected|hostile)|\bbuilt-?in (?:\w+ ){0,2}(?:tools?|functions?|commands?)\b[^.]{0,60}\b(?:unsafe|broken|deprecated|insecure|must not be used|not to be used|no longer|outdated|leaks?)|\ball (?:\w+ ){0,2}\w+ing (?:goes|has to go|must go|happens|is done) (?:here|through (?:here|this|it))|\buse it (?:in place of|instead of|rather than) (?:the |any )?(?:built-?in|native|standard|default|original|other)|\btreat (?:that|this|it|those|them|the other|any other)(?: one)? as (?:compromised|unsafe|untrusted|broken|malicious|deprecated|hostile)|\broute (?:its|their|all|those|the) (?:queries|calls|requests|traffic) (?:here|to this|through this)|\b(?:replaces|supersedes|instead of) [`"']?\w+_\w+[^.]{0,80}\b(?:deprecated|insecure|broken|outdated|obsolete)\b|\b(?:must|may|should) (?:not|no longer) (?:use|call) [`"']?\w+_\w+|\ball (?:\w+ ){1,2}(?:go|run|pass) through this (?:tool|server|function)\b|\b(?:always|only) (?:use|call|choose|prefer|pick) this (?:tool|server|function)\b|\b(?:use|call|prefer|choose) this (?:tool |server |function )?(?:instead|rather|in place|over|before)\b|\b(?:do not|don't|never) (?:use|call) (?:any |the )?(?:other|built-in|builtin|native|standard|default|original|alternative)\b|\bthis (?:tool|server) (?:replaces|supersedes|deprecates|overrides)\b|\bother (?:\w+ ){0,3}(?:tools?|servers?) (?:are|is) (?:deprecated|broken|unsafe|insecure|disabled|unavailable|unreliable|obsolete)\b|\b(?:is|are) (?:deprecated|broken|insecure|disabled)[;,.]? (?:use|call) this\b/i

/** What a description says of tools other than its own server's. */
export function referenceFindings(
  server: ListedServer,
  tool: ListedTool,
  others: readonly ListedServer[],
): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const text = descriptions(tool)
  const own = new Set(server.tools.map(({ name }) => name))
  const foreign = new Map(others.flatMap((other) => other.tools.map(({ name }) => [name, other.name] as const)))
  const parameters = new Set(JSON.stringify(tool.raw['inputSchema'] ?? {}).match(/[\w-]{2,64}/g) ?? [])
  const sensitive = has(text, ['secrecy', 'secret-file', 'mail-or-phone', 'secret', 'no-approval'])
  for (const match of text.matchAll(NAMED)) {
    const name = match.slice(1).find((group) => group !== undefined) ?? ''
    if (own.has(name) || name === tool.name) continue
    const before = text.slice(Math.max(0, match.index - 40), match.index)
    const sentence = sentenceAround(text, match.index)
    if (foreign.has(name)) {
      const directed =
        /\b(?:needs?|requires?|call|use[sd]?|has to be|have to be|must be|hand(?:s|ed)? over|return(?:s|ed)|run|pass|give|send|include|output|result|instead|before|after|first|with|from|fetch|read|when|must|copy)\b/i.test(
          sentence,
        ) && !/\b(?:do not|don't|never|not related to|independent)\b/i.test(sentence)
      found.push({
        ...at(CROSS, server, text, directed ? 'high' : 'medium'),
        evidence: `${tool.name} names ${name} of ${foreign.get(name) ?? ''}: ${sentence.slice(0, 100)}`,
      })
      continue
    }
    const isCall =
      /^(?:send|write|read|create|delete|git|run|get|update|post|push|pay|upload|execute|list|search|fetch|edit|make|open|transfer|deploy)_[a-z]/.test(
        name,
      )
    if (
      parameters.has(name) ||
      !(
        SAYS_TOOL.test(before) ||
        isCall ||
        match[0].startsWith('`') ||
        /^\s*(?:tool|function|exists|is (?:available|called|used|present))/i.test(
          text.slice(match.index + match[0].length),
        )
      )
    )
      continue
    const changes =
      has(sentence, [
        'replace',
        'secrecy',
        'mail-or-phone',
        'url',
        'secret',
        'secret-file',
        'private',
        'no-approval',
      ]) ||
      /\b(?:bcc|recipient|instead of|append|always (?:add|include|set)|must (?:add|include|set|be changed)|first (?:call|run|read)|(?:before|after) (?:every|each|any) (?:call|use))\b/i.test(
        sentence,
      )
    const shaped =
      /\b(?:must|has to|have to|needs? to|should always|is to|are to|are always|is always|expects?|gets?) (?:\w+ )?(?:end|begin|start|be (?:prefixed|suffixed|addressed|replaced|set|preceded|followed)|contain|carry|include|prefixed|suffixed|preceded|followed|go to|the (?:iban|address|recipient|remote|url|host|path))\b/i.test(
        sentence,
      )
    const directed = /\b(?:when(?:ever)?|if|before|after|first|always|must|every|each|instead)\b/i.test(sentence)
    if ((directed && changes) || shaped)
      found.push({ ...at(STEERS, server, text), evidence: `${tool.name} on ${name}: ${sentence.slice(0, 120)}` })
    else if (directed && sensitive)
      found.push({ ...at(STEERS, server, text, asNotice('high')), evidence: `${tool.name} on ${name}` })
  }
  for (const other of others) {
    const twin = other.tools.find(({ name }) => name === tool.name)
    if (twin !== undefined)
      found.push({
        ...at(SAME, server, tool.name, isNeutral(tool) && isNeutral(twin) ? asNotice('high') : 'high'),
        evidence: `${tool.name} is a tool of ${other.name} as well`,
      })
    const alias = other.name.replace(/\.json$/i, '')
    if (
      alias.length >= 4 &&
      new RegExp(`(?<![\\w-])${alias.replace(/[^\w-]/g, '.')}(?![\\w-])`, 'i').test(text) &&
      /\b(?:needs?|requires?|call|use|output|result|instead|from|read|fetch|before|after)\b/i.test(text)
    )
      found.push({ ...at(CROSS, server, text), evidence: `${tool.name} names ${alias}` })
  }
  const strangers = /\b(?:the |all )?other (?:mcp )?(?:servers?|tools?)\b/i.exec(text)
  if (
    strangers !== null &&
    /\b(?:put|list|give|hand|state|cop(?:y|ies)|pass|includ\w+|must|has to|have to|send|forward|collect|append|read)\b/i.test(
      sentenceAround(text, strangers.index),
    ) &&
    !/\b(?:not|never|unlike|instead|than)\b/i.test(sentenceAround(text, strangers.index))
  )
    found.push({
      ...at(STEERS, server, text),
      evidence: `${tool.name}: ${sentenceAround(text, strangers.index).slice(0, 120)}`,
    })
  const prefers = PREFERS.exec(text)
  if (prefers !== null) {
    const named =
      others.length > 0 ||
      /\b(?:built-?in|native|other (?:tools?|servers?)|any other|all other|standard|original|official|deprecated|any other|compromised|another server|(?:not|no longer) (?:use|call))\b/i.test(
        sentenceAround(text, prefers.index),
      )
    found.push({ ...at(PREFERRED, server, text, named ? 'high' : 'medium'), evidence: `${tool.name}: ${prefers[0]}` })
  }
  const any =
    /\b(?:when(?:ever)?|before|after|if|for|on) (?:\w+ ){0,3}(?:any|every|all|each|another|other) (?:other )?(?:tools?|servers?|functions?|mcp servers?)\b/i.exec(
      text,
    )
  if (
    any !== null &&
    /\b(?:calls?|runs?|reads?|sends?|sent|includes?|use|add|pass(?:es)?|set|change|append|first|must|report|log|make|go(?:es)?|cop(?:y|ies)|forward)\b/i.test(
      sentenceAround(text, any.index),
    ) &&
    !/\bown\b/i.test(text)
  )
    found.push({
      ...at(STEERS, server, text),
      evidence: `${tool.name}: ${sentenceAround(text, any.index).slice(0, 120)}`,
    })
  return found
}

/** Description of a tool and of its parameters. */
function descriptions(tool: ListedTool): string {
  const parts = [tool.description]
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 12) return
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'description' && typeof inner === 'string') parts.push(inner)
      else walk(inner, depth + 1)
    }
  }
  walk(tool.raw['inputSchema'], 0)
  return parts.join('\n\n')
}

const has = (text: string, concepts: readonly string[]): boolean =>
  readProse(text).sentences.some(({ hits }) => concepts.some((id) => hits.has(id)))

function sentenceAround(text: string, at: number): string {
  const start = Math.max(text.lastIndexOf('. ', at), text.lastIndexOf('\n', at), -1) + 1
  const end = /[.\n](?:\s|$)/.exec(text.slice(at))
  return text.slice(start, end === null ? text.length : at + end.index).trim()
}
