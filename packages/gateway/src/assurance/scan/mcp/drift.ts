import { canonicalJson, nameSkeleton, type Json } from '@sallyport/core'
import { inOrder, type RuleText, type ScanFinding } from '../finding.ts'
import { hostsIn } from '../text/hosts.ts'
import type { ScanDeps } from '../skill/deps.ts'
import { at } from './place.ts'
import { scanServer } from './scan-tools.ts'
import { parametersOf, type ListedServer, type ListedTool } from './tools.ts'

const rule = (name: string, severity: RuleText['severity'], title: string, why: string): RuleText => ({
  id: `mcp.drift.${name}`,
  severity,
  title,
  why,
  fix: 'Compare both definitions and pin the new one, or leave the server off.',
})
const CHANGED = rule('changed', 'medium', 'definition changed', 'What was reviewed is not what is served.')
const ADDED = rule('added', 'medium', 'tool added', 'It was not reviewed.')
const REMOVED = rule('removed', 'low', 'tool removed', 'What relied on it does something else now.')
const POWER = rule(
  'power-added',
  'high',
  'a tool that runs commands was added after the review',
  'A server that was trusted with little now runs anything.',
)
const GUARD = rule('guard-removed', 'high', 'a limit that was reviewed is gone', 'The review relied on it.')
const WIDER = rule('widened', 'high', 'the tool may do more than was reviewed', 'The review was of less.')
const ANNOTATION = rule(
  'annotation-flipped',
  'high',
  'an annotation changed sides',
  'Hosts decide by annotations what runs without a question.',
)
const HOST = rule(
  'host-changed',
  'high',
  'the description points to another host',
  'Data and people are sent somewhere else than was reviewed.',
)
const RENAMED = rule(
  'look-alike-tool',
  'high',
  'a tool was replaced by one that looks the same',
  'The new one passes for the reviewed one.',
)

const GUARDS =
  /\b(?:up to \d+|no more than|known \w+|existing \w+|private|selected|verified|trusted|listed|(?:user'?s|their|your|its) own|asks? first|confirm\w*|approv\w*|read[- ]only|allow ?list\w*|white ?list\w*|sandbox\w*|reject(?:s|ed)?|refus(?:es|ed)|ask(?:s)? the user|dry[- ]run|workspace|contact list|only (?:within|under|inside|from|the|to|for|in|on)|limited to|restricted to|at most|never|must be|requires? (?:a |an |the )?(?:approval|confirmation|login|review|permission|owner|admin)|staging|test (?:environment|mode)|preview|draft|(?:project|workspace|allowed|current|working|own|data|docs?|shared|team'?s?) (?:folders?|director(?:y|ies)|root)|(?:members?|people|users|colleagues) of (?:the |this |your )?\w+|(?:their|its|your) own|nothing is \w+|not (?:send|sent|delete|deleted|execute|executed|write|written)|does not|internal)\b/gi
const WIDENS =
  /\b(?:without (?:\w+ ){0,2}(?:confirmation|approval|asking|review|limit|restriction)s?|any (?:file|command|host|recipient|path|url|user|table|address|code|query|account|directory|branch|amount|payee|one|person|member|channel|service|server|domain|sender|statement|device|project|repository|database|bucket)|all (?:files|users|data|hosts|paths|accounts|tables|commands|repositories|permissions|mail\w*)|arbitrary|unrestricted|no longer (?:asks?|requires?|needs?|checks?|limited)|automatically (?:sends?|deletes?|deploys?|approves?|executes?|pays?|shares?|forwards?|uploads?)|(?:also|and) (?:sends?|uploads?|forwards?|shares?|copies|logs?|stores?|reports?|posts?|deletes?|executes?|runs?) |force[sd]?|overwrites?|permanent(?:ly)?|irreversibl\w+|as (?:root|admin\w*)|production|outside|external|public(?:ly)?|third[- ]part(?:y|ies)|every(?:one|body)|whole (?:disk|system|drive)|entire (?:filesystem|disk|system|database)|shell)\b/gi

/** Findings of a server against what was reviewed before (HB-35). Order of members and of tools is no change. */
export function scanDrift(before: ListedServer, now: ListedServer, deps: ScanDeps): readonly ScanFinding[] {
  const found: ScanFinding[] = [...scanServer(now, [], deps)]
  const old = new Map(before.tools.map((tool) => [tool.name, tool]))
  const names = new Set(now.tools.map(({ name }) => name))
  for (const tool of now.tools) {
    const was = old.get(tool.name)
    if (was === undefined) found.push(...added(tool, before, now, names))
    else if (canonicalJson(was.raw as Json) !== canonicalJson(tool.raw as Json)) {
      found.push({ ...at(CHANGED, now, tool.name), evidence: tool.name })
      found.push(...changes(was, tool, now))
    }
  }
  for (const { name } of before.tools) if (!names.has(name)) found.push({ ...at(REMOVED, now, name), evidence: name })
  const rest = (server: ListedServer): string => canonicalJson(Object.fromEntries(server.rest) as Json)
  if (rest(before) !== rest(now))
    found.push({ ...at(CHANGED, now, now.name), evidence: now.rest.map(([what]) => what).join(', ') })
  return inOrder(found)
}

function added(tool: ListedTool, before: ListedServer, now: ListedServer, names: ReadonlySet<string>): ScanFinding[] {
  const found: ScanFinding[] = [{ ...at(ADDED, now, tool.name), evidence: tool.name }]
  const words = tool.name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_\-.]/g, ' ')
    .toLowerCase()
  if (
    /\b(?:shell|bash|exec|execute|command|cmd|terminal|eval|sudo|powershell|system|subprocess|ssh|run code|run command|run script|python|script)\b/.test(
      words,
    ) ||
    /\b(?:runs?|executes?) (?:any |arbitrary |a |the |given )*(?:shell |system )?(?:commands?|code|scripts?)\b/i.test(
      tool.description,
    )
  )
    found.push({ ...at(POWER, now, tool.name), evidence: `${tool.name}: ${tool.description.slice(0, 100)}` })
  const twin = before.tools.find(({ name }) => nameSkeleton(name) === nameSkeleton(tool.name) && !names.has(name))
  if (twin !== undefined) found.push({ ...at(RENAMED, now, tool.name), evidence: `${tool.name} for ${twin.name}` })
  return found
}

function changes(was: ListedTool, tool: ListedTool, now: ListedServer): ScanFinding[] {
  const found: ScanFinding[] = []
  const say = (rule: RuleText, evidence: string, severity = rule.severity): void =>
    void found.push({ ...at(rule, now, tool.name, severity), evidence: `${tool.name}: ${evidence.slice(0, 140)}` })
  const lost = missing(was.description, tool.description, GUARDS)
  if (lost.length > 0) say(GUARD, `no longer says ${lost.join(', ')}`)
  const wider = missing(tool.description, was.description, WIDENS)
  if (wider.length > 0) say(WIDER, `now says ${wider.join(', ')}`)
  const hosts = (text: string): ReadonlySet<string> =>
    new Set([
      ...hostsIn(text).map(({ host }) => host),
      ...Array.from(text.matchAll(BARE), ([, host = '']) => host.toLowerCase()),
    ])
  const [oldHosts, newHosts] = [hosts(JSON.stringify(was.raw)), hosts(JSON.stringify(tool.raw))]
  const foreign = [...newHosts].filter((host) => !oldHosts.has(host))
  const handedTo = foreign.some((host) =>
    /\b(?:to|through|via|with|at)\b[^.]{0,60}$/i.test(
      tool.description.slice(0, Math.max(0, tool.description.indexOf(host))),
    ),
  )
  if (foreign.length > 0) say(HOST, foreign.join(', '), oldHosts.size > 0 || handedTo ? 'high' : 'medium')
  const hint = (of: ListedTool, key: string): unknown =>
    (of.raw['annotations'] as Readonly<Record<string, unknown>> | undefined)?.[key]
  if (hint(was, 'readOnlyHint') === true && hint(tool, 'readOnlyHint') !== true) say(ANNOTATION, 'readOnlyHint is gone')
  if (hint(was, 'readOnlyHint') === false && hint(tool, 'readOnlyHint') === true)
    say(ANNOTATION, 'claims to be read-only now')
  if (hint(was, 'destructiveHint') === true && hint(tool, 'destructiveHint') !== true)
    say(ANNOTATION, 'destructiveHint is gone')
  found.push(...schemaChanges(was, tool, say))
  return found
}

const LIMITS = ['enum', 'pattern', 'maxLength', 'maximum', 'format', 'const', 'maxItems', 'minimum'] as const
/** A host that is named without a scheme. */
const BARE =
  /\b(?:to|at|through|via|on|from|by)\s+((?:[a-z0-9-]{1,40}\.){1,4}(?!md|json|ts|js|py|txt|csv|yaml|yml|toml|html|pdf)[a-z]{2,12})(?![\w/])/gi
/** Values that do more than others. */
const POWERS =
  /^(?:prod(?:uction)?|live|admin\w*|root|owner|super\w*|all|any|\*|public|external|internet|everyone|anyone|write|delete|drop|execute|exec|shell|force|full|unrestricted|none|off|never|auto\w*|yolo|bypass\w*)$/i
const REACHES =
  /url|uri|host|path|file|dir|command|cmd|query|sql|to\b|recipient|address|branch|user|account|target|code|script|email|amount|env|table|id$/i

function schemaChanges(
  was: ListedTool,
  tool: ListedTool,
  say: (rule: RuleText, evidence: string, severity?: RuleText['severity']) => void,
): ScanFinding[] {
  const parameters = (of: ListedTool) =>
    new Map([...parametersOf(of.raw['inputSchema'])].map((parameter) => [parameter.name, parameter]))
  const [before, after] = [parameters(was), parameters(tool)]
  for (const name of before.keys())
    if (
      !after.has(name) &&
      /^(?:confirm\w*|approv\w*|dry_?run|preview|reason|justification|scope|limit|max_\w+|sandbox)$/i.test(name)
    )
      say(GUARD, `${name} is gone`)
  for (const [name, { schema }] of after) {
    const old = before.get(name)
    if (old === undefined) {
      if (
        /^(?:password|token|api_?key|secret|ssh_?key|credential\w*|private_?key|cookie\w*|session|otp|env|command|cmd|shell|exec|script|code|bcc|webhook|callback_?url|forward_?to|proxy)$/i.test(
          name,
        )
      )
        say(WIDER, `new parameter ${name}`)
      continue
    }
    const gone = LIMITS.filter((limit) => old.schema[limit] !== undefined && schema[limit] === undefined)
    if (gone.length > 0)
      say(
        GUARD,
        `${name} lost ${gone.join(', ')}`,
        gone.every((limit) => limit === 'format' || limit === 'minimum') && !REACHES.test(name) ? 'medium' : 'high',
      )
    const values = (of: Readonly<Record<string, unknown>>): readonly unknown[] =>
      Array.isArray(of['enum']) ? (of['enum'] as readonly unknown[]) : []
    const wider = values(schema).filter((value) => !values(old.schema).includes(value) && POWERS.test(String(value)))
    if (values(old.schema).length > 0 && wider.length > 0) say(WIDER, `${name} takes ${wider.join(', ')} too`)
    const [wasDefault, isDefault] = [old.schema['default'], schema['default']]
    if (
      wasDefault !== undefined &&
      isDefault !== undefined &&
      canonicalJson(wasDefault as Json) !== canonicalJson(isDefault as Json)
    )
      say(
        WIDER,
        `default of ${name} changed to ${JSON.stringify(isDefault)}`,
        /true|false|\*|^"?\/|@|https?:|\ball\b|prod|public|anyone|everyone|write|admin|root|external|force|delete|none|any\b|never|main\b/i.test(
          JSON.stringify(isDefault),
        )
          ? 'high'
          : 'medium',
      )
    else if (wasDefault === undefined && typeof isDefault === 'string' && /@|https?:|^\/$|^\*$/.test(isDefault))
      say(WIDER, `default of ${name} is ${isDefault}`)
  }
  const required = (of: ListedTool): readonly unknown[] =>
    ((of.raw['inputSchema'] as Readonly<Record<string, unknown>> | undefined)?.['required'] as
      readonly unknown[] | undefined) ?? []
  for (const name of required(was))
    if (/confirm|approv|reason|dry_?run|token/i.test(String(name)) && !required(tool).includes(name))
      say(GUARD, `${String(name)} is no longer required`)
  return []
}

/** What one text says and the other does not. */
function missing(text: string, other: string, pattern: RegExp): readonly string[] {
  const lower = other.toLowerCase()
  return [...new Set([...text.toLowerCase().matchAll(pattern)].map(([found]) => found.trim()))].filter(
    (found) => !lower.includes(found),
  )
}
