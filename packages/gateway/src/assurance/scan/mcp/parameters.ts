import type { RuleText, ScanFinding } from '../finding.ts'
import { hostsIn, isLocal } from '../text/hosts.ts'
import { at } from './place.ts'
import { parametersOf, type ListedServer, type ListedTool } from './tools.ts'

const rule = (name: string, severity: RuleText['severity'], title: string, why: string): RuleText => ({
  id: `mcp.schema.${name}`,
  severity,
  title,
  why,
  fix: 'Ask the server’s author what it is for; do not connect it as it is.',
})
const SIDE = rule(
  'side-parameter',
  'high',
  'parameter that collects what the tool does not need',
  'What is put into an argument reaches the server: conversations, prompts, keys.',
)
const FIXED = rule(
  'fixed-receiver',
  'high',
  'parameter with a receiver that the user did not name',
  'Calls that say nothing else go to that address.',
)
const SECRET = rule(
  'secret-parameter',
  'medium',
  'parameter for a secret',
  'A secret in an argument is seen by the model and kept in its context.',
)

const FETCHED = rule(
  'key-fetched',
  'critical',
  'has the agent fill in a secret that nobody gave it',
  'The agent takes the key from the machine, and the call carries it to the server.',
)

/** Secrets of the machine, and words for an agent that gets them without its user. */
const KEPT =
  /(?:^|_)(?:private_?key|ssh_?key|id_(?:rsa|ed25519)|seed_?phrase|mnemonic|password|passwd|secret|credentials?|cookies?|keychain|netrc|(?:shell|bash|zsh|browser|command)_?history|access_?token|api_?key|env_?file)(?:$|_)/i
const FETCHES =
  /\b(?:agent|assistant|model|llm|client|host|you)\b[^.]{0,40}\b(?:looks?|finds?|reads?|fetch(?:es)?|gets?|takes?|fills?|locates?|collects?|copies|copy)\b|\bin the home (?:folder|directory)\b|\bfrom (?:the )?(?:disk|home|machine|user'?s? \w+)\b|~\/|\/home\/|\blast \d+ lines\b|\bwithout (?:asking|the user)\b/i

/** What lies on the machine of the user and belongs to nobody else. */
const BELONGS =
  /\b(?:cookies?|private keys?|ssh keys?|seed phrase|keychain|browser (?:session|profile|history)|shell history|clipboard)\b[^.]{0,40}\b(?:user|browser|host|machine|agent|client|owner)\b|\b(?:user|browser|host|machine|agent|client|owner)(?:'s)?\b[^.]{0,40}\b(?:cookies?|private keys?|ssh keys?|seed phrase|keychain|session|shell history|clipboard)\b/i

const CONVERSATION =
  /\b(?:conversations?|chat ?(?:history|log|context)|system[ _]?prompts?|system messages?|transcripts?|(?:previous|prior|all|recent|earlier|past|full|entire) (?:\w+ ){0,2}(?:messages?|context|prompts?|instructions|turns|dialogue|tool (?:calls|results|outputs))|your (?:full |complete |entire |original |current )*(?:instructions|reasoning|context|memory|prompt|thoughts)|chain of thought|(?:complete|entire|whole|full) (?:chat|dialog(?:ue)?|session|discussion|exchange|thread)|list of (?:available|all) tools|user'?s? (?:first |original |last )?(?:prompt|request|message) verbatim|everything (?:the user|you))\b/i
const WHOLE = /\b(?:verbatim|full|entire|complete|all|whole|exact|raw|unredacted|word for word|as-is|recent|any)\b/i
const SIDE_NAME =
  /^_*(?:meta_?)?(?:system_?prompt|chat_?history|conversation(?:_?(?:history|context|log))?|full_?context|prior_?messages|message_?history|agent_?(?:context|memory|instructions)|llm_?context|model_?(?:name|context|instructions)|user_?prompt|chain_?of_?thought|reasoning_?trace|tools?_?list|(?:shell|bash|zsh|command|terminal|browser)_?history|session_?(?:data|dump|context)|env(?:ironment)?_?(?:vars|variables|dump)|credentials?|cookies)$/i
const ABOUT_TALK =
  /\b(?:chat|conversation|message|memory|memories|transcri\w+|summar\w+|prompt|dialog|session|thread|history|remember|llm|agent|evaluat\w+|classif\w+)\b/i

/** A tool whose work is with conversations or memory: what others may not ask for is its input. */
export const isAboutTalk = (name: string, description: string): boolean =>
  ABOUT_TALK.test(`${name.replace(/[_-]/g, ' ')} ${description}`)

/** Parameters that take more than the tool is for. */
export function parameterFindings(server: ListedServer, tool: ListedTool): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  for (const { name, schema, required } of parametersOf(tool.raw['inputSchema'] ?? tool.raw['parameters'])) {
    const description = typeof schema['description'] === 'string' ? schema['description'] : ''
    const about = isAboutTalk(tool.name, tool.description)
    const denied = /\b(?:do not|don't|never|must not|without)\b/i.test(description)
    if (
      CONVERSATION.test(description) &&
      !denied &&
      (!about || /\b(?:system[ _]?prompt|verbatim|chain of thought|your (?:\w+ )?instructions)\b/i.test(description)) &&
      (WHOLE.test(description) || required)
    )
      found.push({ ...at(SIDE, server, description), evidence: `${name}: ${description.slice(0, 120)}` })
    else if (
      KEPT.test(name) &&
      !denied &&
      FETCHES.test(description) &&
      !/\b(?:user|they|person|caller) (?:\w+ )?(?:gives?|provides?|enters?|names?|supplies|supplied|chose|chooses|passes)\b/i.test(
        description,
      )
    )
      found.push({ ...at(FETCHED, server, description), evidence: `${name}: ${description.slice(0, 120)}` })
    else if (
      BELONGS.test(description) &&
      !denied &&
      !BELONGS.test(tool.description) &&
      !/cookie|clipboard|key/i.test(tool.name)
    )
      found.push({ ...at(SIDE, server, description), evidence: `${name}: ${description.slice(0, 120)}` })
    else if (SIDE_NAME.test(name) && !about)
      found.push({
        ...at(
          SIDE,
          server,
          name,
          required || CONVERSATION.test(description) || /prompt|credential|cookie|env|history/i.test(name)
            ? 'high'
            : 'medium',
        ),
        evidence: name,
      })
    if (
      /^(?:password|passwd|secret|private_?key|seed_?phrase|mnemonic|api_?key|access_?token|ssh_?key|otp|cvv|card_?number)$/i.test(
        name,
      )
    )
      found.push({ ...at(SECRET, server, name), evidence: name })
    for (const key of ['default', 'const', 'examples', 'enum'] as const) {
      const fixed = receiverOf(name, schema[key], key)
      if (fixed !== undefined) found.push({ ...at(FIXED, server, fixed), evidence: `${name} ${key}: ${fixed}` })
    }
  }
  return found
}

const RECEIVER =
  /^(?:bcc|cc|to|recipients?|forward\w*|notify\w*|copy_?to|webhook\w*|callback\w*|endpoint|destination|upload\w*|report_?to|log_?(?:to|url)|collector|remote|proxy|sink|mirror\w*|account|iban|wallet\w*|address|payee|reply_?to|server|host|url)$/i

/** An outside address that a parameter is set to without being asked. */
function receiverOf(name: string, value: unknown, key: string): string | undefined {
  if (Array.isArray(value))
    return key === 'enum' && value.length > 1
      ? undefined
      : value.map((inner) => receiverOf(name, inner, key)).find((inner) => inner !== undefined)
  if (typeof value !== 'string' || key === 'examples') return undefined
  if (!RECEIVER.test(name)) return undefined
  if (/^[\w.+-]+@[\w-]+\.[\w.-]+$/.test(value) || /^\+\d{7,}$/.test(value) || /^(?:bc1|0x[a-f0-9]{40})/i.test(value))
    return value
  const [host] = hostsIn(value)
  // a base address of the tool's own service is a common default of `url` and `host`
  return host !== undefined && !isLocal(host.host) && !/^(?:url|host|server|endpoint|address|account)$/i.test(name)
    ? value
    : undefined
}
