import { CODE_SIGNS } from './code-signs.ts'
import { SECRET_NAME } from './assignments.ts'
import type { Language } from './languages.ts'
import { isLocalHost, isMetadataHost, urlsIn } from './hosts.ts'
import { judgePowershell } from './powershell.ts'
import { judgeSed } from './sed.ts'
import { judgePath, regionOf } from './paths.ts'
import { normal, report, useRead, type Scene } from './scene.ts'
import { NOTHING } from './flow.ts'
import { literalValue } from './words.ts'

const INTERPRETERS: readonly (readonly [RegExp, Language | 'shell'])[] = [
  [/^(?:(?:ba|da|z|k|a|fi|c|tc|mk|lk|pdk|ok|ya|po|rba|rz|hu|bo)?sh|ksh93|bash5|source|\.)$/, 'shell'],
  [/^(?:i?python|pypy|jython|bpython|micropython)[\d.]*$/, 'python'],
  [/^(?:node|nodejs|iojs|bun|deno|tsx|ts-node|esno|jiti|qjs|d8|jsc|zx|coffee|mongosh?|js)$/, 'javascript'],
  [/^(?:perl|perl5|raku)[\d.]*$/, 'perl'],
  [/^(?:ruby|irb|jruby|pry|truffleruby)[\d.]*$/, 'ruby'],
  [/^(?:php|php-cgi|hhvm)[\d.]*$/, 'php'],
  [/^(?:lua|luajit|texlua|luau)[\d.]*$/, 'lua'],
  [/^(?:psql|mysql|mariadb|sqlite3?|sqlcmd|sqlplus|cockroach|clickhouse-client|duckdb|usql)$/, 'sql'],
  [/^(?:redis-cli|valkey-cli)$/, 'redis'],
  [/^(?:ed|ex)$/, 'editor'],
  [/^(?:powershell|pwsh)(?:\.exe)?$/i, 'powershell'],
  [
    /^(?:tclsh|wish|expect|guile|racket|sbcl|R|Rscript|julia|ghci|ocaml|erl|elixir|groovy|scala|jshell|gnuplot|bc|dc|m4|osascript|swift|gdb|ftp|sftp|lftp|crontab|at|batch|debugfs|swipl|octave|nu|xonsh|elvish)$/,
    'code',
  ],
]
const NEEDS_NO_JUDGE = new Set(['bc', 'dc'])

/** Language of the programs that take code from their input; undefined for all others. */
export const languageOf = (program: string): Language | 'shell' | undefined =>
  NEEDS_NO_JUDGE.has(program) ? undefined : INTERPRETERS.find(([pattern]) => pattern.test(program))?.[1]

const LONGEST_CODE = 65_536

/**
 * Light lexical judgement of a one-liner: what starts programs, opens sockets, loads code, dumps the environment or touches
 * files is found by its words; the rest (print, compute, read a JSON file of the project) passes.
 */
export function judgeCode(code: string, language: Language, scene: Scene): void {
  scene.onCode?.({ text: code, language })
  if (code.length > LONGEST_CODE) {
    report(scene, 'opaque.depth', `${language} code of ${code.length} characters`)
    return
  }
  if (language === 'powershell') return judgePowershell(code, scene)
  if (language === 'sed') return judgeSed(code, scene)
  if (language === 'editor') editorCommand(code, scene)
  const text = joinLiterals(language === 'awk' ? code.replace(/\/(?:[^/\\\n"]|\\.){0,200}\//g, '/r/') : code)
  const bare = language === 'awk' ? text.replace(/"(?:[^"\\]|\\.)*"/g, '""') : text
  let writes = false
  let deletes = false
  let network = false
  for (const sign of CODE_SIGNS) {
    if (sign.languages !== undefined && !sign.languages.includes(language)) continue
    const match = sign.pattern.exec(sign.bare === true ? bare : text)
    if (match === null) continue
    if (sign.effect === 'writes') writes = true
    else if (sign.effect === 'deletes') deletes = true
    else if (sign.effect === 'network') network = true
    else report(scene, sign.effect, match[0])
  }
  const urls = urlsIn(text)
  for (const { url, host } of urls) {
    scene.facts.url(url)
    scene.facts.host(host)
    if (isMetadataHost(host)) report(scene, 'read.metadata-service', url)
  }
  if (network && !(urls.length > 0 && urls.every(({ host }) => isLocalHost(host, scene.policy.localHosts)))) {
    report(scene, 'exec.code', 'opens connections')
  }
  for (const [, , name = ''] of text.matchAll(
    /(?:environ|env|ENV|getenv|_ENV|ENVIRON)\W{1,4}(?:get\W{1,2})?(['"]?)([A-Z][A-Z0-9_]{2,60})\b/g,
  )) {
    if (SECRET_NAME.test(name)) report(scene, 'read.environment', name)
  }
  judgePathsIn(language === 'awk' ? code : text, writes, deletes, scene)
}

/** `'rm' + ' -rf'` → `'rm -rf'`: splitting literals hides nothing. */
function joinLiterals(code: string): string {
  return code.replace(/(['"])\s*[+.]\s*\1/g, '')
}

function judgePathsIn(text: string, writes: boolean, deletes: boolean, scene: Scene): void {
  const literals = [...text.matchAll(/(["'`])((?:[^"'`\\\n]|\\.){1,300})\1/g)].map((match) => match[2] ?? '')
  let named = 0
  for (const literal of literals) {
    if (!/^[~./$]|\.\w{1,8}$|\/|^\.?\w+$/.test(literal) || /\s{2}|^[.\\]+$/.test(literal)) continue
    const path = normal(scene, literal)
    named++
    useRead(scene, literalValue(literal))
    const region = regionOf(path)
    const outside = region === 'home' || region === 'system' || region === 'above' || region === 'root-of-workspace'
    const effect = judgePath(path, 'write', false)
    if (writes && effect !== undefined) report(scene, effect, path)
    else if (writes && outside && /^[/~]/.test(path)) report(scene, 'write.outside', path)
    if (deletes && (outside || region === 'unknown')) report(scene, 'delete.outside', path)
  }
  if (deletes && (named === 0 || /\b(?:homedir|HOME|expanduser|Path\.home|USERPROFILE)\b/.test(text))) {
    report(scene, 'delete.computed', 'deletes what its code computes')
  }
}

/** `:!cmd`, `!cmd`, `:py …`, `:w path` of vi, ed and their kin. */
function editorCommand(code: string, scene: Scene): void {
  const shell = /(?:^|[|\n\s:+])(?:silent\s+)?(?:r(?:ead)?\s*)?!+\s*(\S.*)/.exec(code)
  if (shell?.[1] !== undefined) {
    report(scene, 'exec.escape', code)
    const parsed = scene.parse(shell[1])
    if ('script' in parsed) scene.runScript(parsed.script, scene, NOTHING)
  }
  for (const [, path = ''] of code.matchAll(
    /(?:^|[|\s:+])(?:w(?:rite)?!?|sav(?:eas)?!?|r(?:ead)?|e(?:dit)?!?|so(?:urce)?|tabe|sp|vs)\s+([~/.][^\s|]*)/g,
  )) {
    useRead(scene, literalValue(path))
    const effect = judgePath(normal(scene, path), 'write', false)
    if (effect !== undefined) report(scene, effect, path)
  }
}
