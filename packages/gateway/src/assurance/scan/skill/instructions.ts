import { asNotice, findingAt, type ScanFinding } from '../finding.ts'
import { CODE_IN_DATA } from './data.ts'
import { isDenied } from '../prose/negation.ts'
import { readLesson } from '../prose/lesson.ts'
import { looksFor, speaksOfAttacks } from '../prose/taught.ts'
import { judgeScript } from '../scripts/commands.ts'
import { commentStyleOf, fenceLanguage } from '../scripts/language.ts'
import { matchCode } from '../scripts/match.ts'
import { readCode, type ReadCode } from '../scripts/read.ts'
import { codePieces } from '../text/markdown.ts'
import { agreement } from './agreed.ts'
import { hostFindings, scanText, type Prefix } from '../text/scan-text.ts'
import type { ScanDeps } from './deps.ts'
import { imitatedInstalls } from './packages.ts'

export const COMMAND =
  /^\s*(?:\$\s+|>\s+|#\s+)?(?:sudo\s+|nohup\s+)?(?:(?:\/usr)?(?:\/local)?\/s?bin\/|\.{1,2}\/|~\/)?(?:curl|wget|bash|sh|zsh|python\d?|node|npx|npm|pnpm|yarn|uvx?|pip\d?|pipx|brew|apt(?:-get)?|perl|ruby|php|nc|ncat|socat|ssh|scp|rsync|tar|unzip|7z|chmod|chown|rm|dd|mkfs\S*|crontab|launchctl|systemctl|osascript|powershell|pwsh|cmd|reg|schtasks|certutil|bitsadmin|mshta|msiexec|openssl|base64|echo|printf|cat|env|printenv|git|docker|podman|kubectl|aws|gcloud|gh|iptables|ufw|security|defaults|xattr|spctl|csrutil|kill|pkill|killall|tee|sed|awk|find|xargs|eval|exec|export|source|cp|mv|ln|mkdir|touch|iwr|iex|irm|Invoke-\w+|Start-Process|Set-\w+|claude|codex|openclaw|clawhub|go|cargo|gem|make)(?=\s+\S)/

/** Findings of a text that an agent follows: what it says, the commands and code it shows, and what it keeps from its reader. */
export async function instructionFindings(
  text: string,
  file: string,
  prefix: Prefix,
  deps: ScanDeps,
): Promise<readonly ScanFinding[]> {
  const found: ScanFinding[] = [...scanText(text, { file, prefix, place: prefix === 'mcp' ? 'mcp' : 'skill' }, deps)]
  found.push(...codeFindings(text, file, prefix, deps), ...imitatedInstalls(file, text))
  found.push(...hostFindings(text, file, prefix, false))
  const document = await deps.extract(text, 'text/markdown')
  for (const { text: hidden, how, start } of document.hidden) {
    if (
      how === 'front-matter' ||
      how === 'link-title' ||
      (how === 'reference' && !/^\[\/\/\]|^\[comment\]/i.test(hidden)) ||
      how === 'alt'
    )
      continue
    const within = { text, start: start ?? Math.max(0, text.indexOf(hidden.slice(0, 40))) }
    const place = ON_DEMAND.has(how) ? (prefix === 'mcp' ? 'mcp' : 'skill') : 'hidden'
    if (place === 'hidden') found.push(...scanText(hidden, { file, prefix, place, within }, deps))
    if (place === 'hidden' && addressesAgent(hidden))
      found.push(
        findingAt(
          {
            id: `${prefix}.hidden.orders`,
            severity: 'high',
            title: `text that readers do not see speaks to the agent (${how})`,
            why: 'What is meant for the agent alone is kept from whoever reviews it.',
            fix: 'Write it where everybody reads it.',
          },
          file,
          text,
          within.start,
          within.start + hidden.length,
        ),
      )
  }
  return found
}

/** What a reader can have by asking for it; it is part of the text that was read already. */
const ON_DEMAND = new Set(['collapsed', 'title', 'label', 'link-title', 'alt', 'aria-hidden'])

/** A comment for an agent rather than for a reader of the source. */
export const addressesAgent = (text: string): boolean =>
  /^\W{0,12}(?:system|(?:ai |llm |coding )?(?:assistant|agent|model)|ai|llm|claude|gpt|note to (?:the )?(?:ai|agent|assistant|model)|instructions? (?:for|to) (?:the )?(?:ai|agent|assistant|model)|important(?: for (?:the )?(?:ai|agent))?)\b\s*[:,-]/i.test(
    text,
  ) ||
  /\b(?:you (?:are|must|should|will|have to|need to)|your (?:task|job|instructions|response|reply))\b[^]{0,200}\b(?:agent|assistant|user|tool|model|secret|token|send|read|run|execute|ignore|instead)\b/i.test(
    text,
  )

/** Code in fences and back ticks. */
function codeFindings(text: string, file: string, prefix: Prefix, deps: ScanDeps): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const lesson = readLesson(text)
  const allowed = agreement(text)
  for (const piece of codePieces(text)) {
    const language = piece.info === undefined ? '' : fenceLanguage(piece.info)
    const spoken = {
      quoted: lesson.shows(piece.start) || lesson.about || around(text, piece.start, piece.end).quoted,
    }
    const only = (piece.info === undefined || lesson.about) && spoken.quoted
    const agreed = (id: string): boolean => allowed(piece, id)
    const soften = (severity: ScanFinding['severity']): ScanFinding['severity'] =>
      only ? asNotice(severity) : severity
    if (
      language === 'shell' ||
      language === 'powershell' ||
      language === 'cmd' ||
      (language === '' &&
        (COMMAND.test(piece.text) ||
          (piece.info !== undefined && /^\s*#!|^\s*(?:for|while|if)\s|^[A-Z_]{2,}=/.test(piece.text))))
    ) {
      const script = plainWords(commandLines(piece.text, language === ''))
      for (const { rule, start, end } of judgeScript(
        script,
        deps.parse,
        language === '' || language === 'shell' ? shellOf(script) : language,
      ))
        found.push(
          findingAt(
            { ...rule, id: `${prefix}.${rule.id}` },
            file,
            text,
            piece.start + start,
            piece.start + end,
            agreed(rule.id) ? asNotice(rule.severity) : soften(rule.severity),
          ),
        )
    }
    if (language === undefined || piece.info === undefined) continue
    const code = readCode(piece.text, {
      language: language === '' || language === 'data' ? 'other' : language,
      comments: commentStyleOf(language),
    })
    if (language === 'data' && (code.signs.has('exec') || code.signs.has('exec-module')))
      found.push(
        findingAt(
          { ...CODE_IN_DATA, id: `${prefix}.obfuscation.code-in-data` },
          file,
          text,
          piece.start,
          piece.end,
          fenceSeverity(CODE_IN_DATA.severity, spoken.quoted),
        ),
      )
    for (const { rule, start, end } of matchCode([code]))
      found.push(
        findingAt(
          { ...rule, id: `${prefix}.${rule.id}` },
          file,
          text,
          piece.start + start,
          piece.start + end,
          fenceSeverity(
            rule.severity,
            spoken.quoted || agreed(rule.id) || SHOWN.has(rule.id) || imports(code, rule.id),
          ),
        ),
      )
  }
  return found
}

/** In a fence of a document they show how a library is called. */
const SHOWN = new Set(['backdoor.dynamic-code'])

/** Modules of an address, in a document that shows how they are loaded. */
const imports = ({ signs }: ReadCode, id: string): boolean =>
  id === 'dropper.code-downloaded' &&
  signs.has('url-import') &&
  !['exec', 'exec-module', 'eval', 'download-run', 'decode', 'net-send'].some((sign) => signs.has(sign))

/** Words that stand for others, and programs that only print where something lies, are no computed programs. */
const plainWords = (script: string): string =>
  script
    .replace(
      /\$\((?:which|command -v|brew --prefix|git rev-parse --show-toplevel|pwd|type -p)\b[^()\n]{0,40}\)/g,
      (word) => 'x'.repeat(word.length),
    )
    .replace(/\[?<[@a-z][\w .|@/-]{0,40}>\]?/gi, (word) => 'x'.repeat(word.length))

/** A transcript holds commands and what they print: where there are prompts, only their lines are commands; without a language, only what begins like one. */
function commandLines(text: string, unlabelled: boolean): string {
  const prompts = /^[^\S\n]*(?:\$|>|%|❯)[^\S\n]+\S/m.test(text)
  if (!prompts && (!unlabelled || /<<|^\s*#!/.test(text))) return text
  let goesOn = false
  return text
    .split('\n')
    .map((line) => {
      const keep = goesOn || (prompts ? /^[^\S\n]*(?:\$|>|%|❯)[^\S\n]+\S/.test(line) : COMMAND.test(line))
      goesOn = keep && /(?:\\|\||&&)[^\S\n]*$/.test(line)
      return keep
        ? line.replace(/^[^\S\n]*(?:\$|>|%|❯)[^\S\n]+/, (prompt) => ' '.repeat(prompt.length))
        : ' '.repeat(line.length)
    })
    .join('\n')
}

const fenceSeverity = (severity: ScanFinding['severity'], taught: boolean): ScanFinding['severity'] =>
  taught ? asNotice(severity) : severity

const shellOf = (script: string): string =>
  /\b(?:iwr|iex|irm|Invoke-\w+|Start-Process|Set-ExecutionPolicy|powershell(?:\.exe)?)\b/i.test(script) &&
  !/^\s*#!/.test(script)
    ? 'powershell'
    : 'bash'

/** Whether the sentence around a piece of code forbids it or speaks of it as of an attack. */
function around(text: string, start: number, end: number): { readonly quoted: boolean } {
  // `e.g.` ends no sentence
  const read = text
    .slice(0, start)
    .replace(/\b(?:e\.g|i\.e|etc|vs|approx|cf)\. /gi, (short) => `${short.slice(0, -2)},,`)
  const from =
    Math.max(
      text.lastIndexOf('\n', start - 2),
      read.lastIndexOf('. ', start - 2),
      text.lastIndexOf(': ', Math.max(0, start - 120)) - 120,
      start - 240,
      -1,
    ) + 1
  const before = text.slice(Math.max(0, from), start).toLowerCase()
  const close = /[.\n]/.exec(text.slice(end, end + 240))
  const after = text.slice(end, end + (close?.index ?? 240)).toLowerCase()
  const sentence = `${before}X${after}`
  return {
    quoted:
      looksFor(before) ||
      speaksOfAttacks(before) ||
      speaksOfAttacks(after) ||
      isDenied(sentence, before.length, before.length + 1),
  }
}
