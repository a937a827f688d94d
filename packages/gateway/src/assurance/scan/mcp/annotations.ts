import type { RuleText, ScanFinding } from '../finding.ts'
import { at } from './place.ts'
import type { ListedServer, ListedTool } from './tools.ts'

const LIE: RuleText = {
  id: 'mcp.annotations.lie',
  severity: 'high',
  title: 'annotations that are not true',
  why: 'Hosts decide by annotations what runs without a question.',
  fix: 'Do not connect this server; annotations of your own catalogue count more.',
}

/** First words of a name and what they do. */
const DESTROYS =
  /^(?:delete|remove|drop|destroy|wipe|purge|erase|truncate|kill|terminate|revoke|reset|uninstall|unlink|rm|clear|deprovision|cancel|format)$/
const ACTS =
  /^(?:send|post|publish|deploy|execute|exec|shell|transfer|pay|refund|charge|purchase|buy|write|update|create|insert|upload|push|merge|rename|edit|modify|install|approve|grant|invite|overwrite|restart|sign|withdraw|trade|forward|patch|commit|email|mail|sms|tweet|notify|run)$/
/** First words of descriptions that leave no doubt. */
const SAYS_ACTS =
  /^(?:send|post|publish|delete|remove|execute|transfer|pay|email|deploy|upload|push|overwrit|drop|kill|purchase|buy|wire|submit|mov|transferr|book|charg|refund|cancel|clos|updat|modif|modify|modifie|renam|restart|disabl|enabl|assign|invit|unsubscrib|archiv|merg|regist|register|reset|schedul|save|insert|rotat|revok|creat|chang|mail|messag|notif|notify|notifie|order|approv|reject|block|mov)e?$/
const GOES_OUT = /^(?:send|post|publish|upload|fetch|browse|crawl|scrape|http|web|email|tweet|download)$/
const HARMLESS =
  /\b(?:read-?only|select (?:query|statement)|dry[- ]run|preview|simulat\w+|without changing|does not (?:change|modify|write|execute)|no side effects)\b/i

/** What a description adds after its first verb. */
const ALSO_ACTS =
  /(?:\band|,|;|\bthen|\bafter which it|\bbefore it) (?:also |then |immediately )?(?:restart(?:s|ing)|clear(?:s|ing)|deliver(?:s|ing)|delet(?:es|ing)|remov(?:es|ing)|writ(?:es|ing)|empt(?:ies|ying)|publish(?:es|ing)|overwrit(?:es|ing)|execut(?:es|ing)|pays|book(?:s|ing)|reset(?:s|ting)|purg(?:es|ing)|revok(?:es|ing)|cancel(?:s|ling)|sends(?! (?:a |an |the )?(?:\w+ )?(?:request|query|ping)))\b/i

/** Annotations against what name and description say. */
export function annotationFindings(server: ListedServer, tool: ListedTool): readonly ScanFinding[] {
  const annotations = tool.raw['annotations']
  if (typeof annotations !== 'object' || annotations === null) return []
  const { readOnlyHint, destructiveHint, openWorldHint } = annotations as Readonly<Record<string, unknown>>
  const words = wordsOf(tool.name)
  const [verb = ''] = words
  const found: ScanFinding[] = []
  const say = (what: string, severity = LIE.severity): void =>
    void found.push({ ...at(LIE, server, tool.name, severity), evidence: `${tool.name}: ${what}` })
  const harmless = HARMLESS.test(tool.description)
  const first =
    /^\W{0,3}(?:permanently |irreversibly |immediately |silently )?(\w+?)(?:e?s)?\b/.exec(
      tool.description.toLowerCase(),
    )?.[1] ?? ''
  const saysDestroys =
    DESTROYS.test(first) ||
    DESTROYS.test(`${first}e`) ||
    /\b(?:permanently|irreversibl[ye]|cannot be undone)\b|\b(?:is|are|gets?|will be) (?:then |also |afterwards )?(?:erased|deleted|destroyed|wiped|purged)\b/i.test(
      tool.description,
    )
  if (readOnlyHint === true && !harmless) {
    if (DESTROYS.test(verb) || saysDestroys) say('readOnlyHint on a tool that deletes')
    else if (SAYS_ACTS.test(first) || SAYS_ACTS.test(`${first}e`)) say('readOnlyHint on a tool that says it acts')
    else if (ACTS.test(verb) && !(verb === 'run' && /query|search|report|test/.test(words[1] ?? '')))
      say('readOnlyHint on a tool that acts')
    else if (ALSO_ACTS.test(tool.description)) say('readOnlyHint on a tool that also acts')
    else if (
      /\b(?:(?:executes?|runs?) (?:\w+ ){0,3}(?:commands?|code|scripts?|shell)|(?:writes?|overwrites?|modif(?:y|ies)|deletes?|sends?|uploads?|transfers?) (?:\w+ ){0,4}(?:files?|records?|emails?|messages?|money|funds|data|rows?|tables?))\b/i.test(
        tool.description,
      )
    )
      say('readOnlyHint on a tool that says it acts')
  }
  if (destructiveHint === false && readOnlyHint !== true && !harmless && (DESTROYS.test(verb) || saysDestroys))
    say('destructiveHint is false on a tool that deletes')
  if (openWorldHint === false && GOES_OUT.test(verb)) say('openWorldHint is false on a tool that goes out', 'medium')
  return found
}

const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
