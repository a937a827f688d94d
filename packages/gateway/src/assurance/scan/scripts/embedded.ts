import type { ReadCode } from './read.ts'

/** A command line or argument vector that code hands to a shell or starts. */
export interface EmbeddedCommand {
  readonly line?: string
  readonly argv?: readonly string[]
  /** UTF-16 units in the source. */
  readonly start: number
  readonly end: number
}

const PROGRAMS =
  /^\s*(?:sudo\s+|nohup\s+|env\s+\S+=\S+\s+)?(?:[/.~][\w./-]*\/)?(?:curl|wget|bash|sh|zsh|python\d?|node|npx|npm|pip\d?|perl|ruby|php|nc|ncat|socat|ssh|scp|rsync|tar|zip|chmod|chown|rm|dd|mkfs|crontab|launchctl|systemctl|osascript|powershell|pwsh|cmd|reg|schtasks|certutil|bitsadmin|mshta|openssl|base64|echo|printf|cat|env|printenv|git|docker|kubectl|aws|gcloud|gh|iptables|ufw|security|defaults|xattr|spctl|csrutil|kill|pkill|killall|nohup|at|tee|sed|awk|find|xargs|eval|exec|export|source|cp|mv|ln|mkdir|touch|iwr|iex|irm|Invoke-\w+|Start-Process)\b/

const CHAINED = /[|;&]\s*(?:bash|sh|zsh|python\d?|node|perl|tee|xargs|sudo)\b|\$\((?=\w)/

/** Commands in the strings and lists of a source that starts programs at all. */
export function embeddedCommands(code: ReadCode): readonly EmbeddedCommand[] {
  if (!code.signs.has('exec') && !code.signs.has('exec-module')) return []
  const found: EmbeddedCommand[] = []
  for (const { text, start, end } of code.strings) {
    if (!/\s/.test(text.trim()) || text.length > 20_000) continue
    if (PROGRAMS.test(text) || CHAINED.test(text)) found.push({ line: unescape(text), start, end })
  }
  for (const match of code.code.matchAll(/[[(]\s*((?:["'](?:[^"'\\\n]|\\.){0,2000}["']\s*,?\s*){2,40})[\])]/g)) {
    const argv = [...(match[1] ?? '').matchAll(/["']((?:[^"'\\\n]|\\.){0,2000})["']/g)].map(([, text = '']) =>
      unescape(text),
    )
    if (PROGRAMS.test(`${argv[0] ?? ''} `)) found.push({ argv, start: match.index, end: match.index + match[0].length })
  }
  return found
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
const unescape = (text: string): string => text.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char)
