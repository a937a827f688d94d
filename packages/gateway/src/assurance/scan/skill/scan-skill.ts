import { findSecrets, severityRank } from '@sallyport/core'
import { asNotice, findingAt, findingOf, inOrder, type RuleText, type ScanFinding } from '../finding.ts'
import type { ReadingNote, Subject, SubjectFile } from '../files/file.ts'
import { EXECUTABLE, liesAbout } from '../files/kind.ts'
import { judgeArgv, judgeScript } from '../scripts/commands.ts'
import { embeddedCommands } from '../scripts/embedded.ts'
import { commandsOf, scriptKind } from '../scripts/language.ts'
import { matchCode } from '../scripts/match.ts'
import { lookAlikeNames } from '../scripts/look-alike.ts'
import { readCode, type ReadCode } from '../scripts/read.ts'
import { scanConfig } from '../mcp/config.ts'
import { hiddenCharacters, mixedWord } from '../text/characters.ts'
import { hostFindings, scanText } from '../text/scan-text.ts'
import { capabilityFindings } from './capabilities.ts'
import { credentialFindings } from './credentials.ts'
import { dataFindings, isData, readData } from './data.ts'
import type { ScanDeps } from './deps.ts'
import { addressesAgent, instructionFindings } from './instructions.ts'
import { isFixture } from '../prose/lesson.ts'
import { readManifest, type Manifest } from './manifest.ts'
import { packageFindings } from './packages.ts'

const MANIFEST = /(?:^|[/!])(?:SKILL\.md|skill\.md|plugin\.json|manifest\.json|openclaw\.plugin\.json)$/

/** Everything that a scan of a skill or plugin finds, worst first (HB-34, HB-105, TM-PERSIST-001, TM-CHAIN). Reads each file once, to its end. */
export async function scanSkill(subject: Subject, deps: ScanDeps): Promise<readonly ScanFinding[]> {
  const found: ScanFinding[] = subject.notes.map(noteFinding)
  const codes: ReadCode[] = []
  const paths: string[] = []
  let manifest: Manifest | undefined
  for (const file of subject.files) {
    found.push(...nameFindings(file))
    if (MANIFEST.test(file.path) && file.text !== undefined) {
      const read = readManifest(file.text, file.path)
      manifest ??= read.manifest
      found.push(...read.findings)
    }
    const here = await fileFindings(file, deps, codes, paths)
    found.push(...(isFixture(file.path) && !isFollowed(file.path, subject) ? here.map(asInput) : here.map(ordinary)))
  }
  for (const { rule, file, start, end } of matchCode(codes)) {
    const code = codes[file]
    const finding = at(rule, paths[file] ?? '', code?.source ?? '', start, end)
    const inert = isFixture(finding.file) && ACTS.every((sign) => code?.signs.has(sign) !== true)
    found.push(inert ? asInput(finding) : finding)
  }
  found.push(...credentialFindings(codes, paths, manifest))
  found.push(...capabilityFindings(subject, codes, paths, manifest))
  return inOrder(found)
}

const ACTS = ['exec', 'exec-module', 'eval', 'net-send']

/** What a test feeds to the program is no order; what a test does itself is judged with all other code. */
const asInput = (finding: ScanFinding): ScanFinding =>
  /^(?:skill\.(?:hidden|binary|file|supply)|code\.)/.test(finding.id) && !finding.id.startsWith('code.hardcoded')
    ? finding
    : { ...finding, severity: asNotice(finding.severity) }

/** Weaknesses that a script has by taking its work from whoever calls it; a skill's caller is its user. */
const ordinary = (finding: ScanFinding): ScanFinding =>
  /^code\.(?:outbound_network|path_traversal|hardcoded_credentials)\b/.test(finding.id) &&
  severityRank(finding.severity) >= severityRank('high')
    ? { ...finding, severity: 'medium' }
    : finding

/** Whether a text of the skill has the agent follow or load the file. */
function isFollowed(path: string, subject: Subject): boolean {
  const name = path.replace(/.*[/!]/, '')
  const folder = /([^/!]+)[/!][^/!]*$/.exec(path)?.[1] ?? name
  return subject.files.some(
    ({ path: other, text }) =>
      text !== undefined &&
      /\.(?:md|mdx|json|ya?ml|toml)$/i.test(other) &&
      other !== path &&
      text
        .split(/\n|[.!?]\s/)
        .some(
          (line) =>
            (line.includes(name) || line.includes(`${folder}/`)) &&
            /\b(?:follow|obey|apply|load|adopt|treat|act on|carry out|instructions?|rules|guidance)\b/i.test(line),
        ),
  )
}

const at = (rule: RuleText, path: string, text: string, start: number, end: number): ScanFinding =>
  findingAt({ ...rule, id: `skill.${rule.id}` }, path, text, start, end)

async function fileFindings(
  file: SubjectFile,
  deps: ScanDeps,
  codes: ReadCode[],
  paths: string[],
): Promise<readonly ScanFinding[]> {
  const { path, text } = file
  const anyway = readAnyway(file)
  const found: ScanFinding[] = anyway === undefined ? [] : [...(await fileFindings(anyway, deps, codes, paths))]
  if (text === undefined) return [...found, ...(await binaryFindings(file, deps))]
  if (!file.validText) found.push(findingOf(INVALID, path, 'bytes that are no UTF-8'))
  for (const { start, end, family } of findSecrets(text, 'result').slice(0, 20))
    found.push({ ...findingAt(SECRET, path, text, start, end), evidence: `${family}, ${end - start} characters` })
  const kind = scriptKind(path, text)
  if (kind !== undefined) {
    const code = readCode(text, kind)
    codes.push(code)
    paths.push(path)
    found.push(...scriptFindings(code, path, deps))
    found.push(
      ...hiddenCharacters(text, path, 'skill')
        .filter(({ id }) => !/terminal-sequence|control$/.test(id))
        .map(inTables),
    )
    found.push(...lookAlikeNames(code, path))
    found.push(...hostFindings(text, path, 'skill', true))
    for (const extra of (await deps.code?.(file)) ?? []) found.push(extra)
  } else if (isData(path)) {
    const value = readData(path, text)
    found.push(...hiddenCharacters(text, path, 'skill'), ...hostFindings(text, path, 'skill', true))
    if (/mcp_?servers|context_servers/i.test(text)) found.push(...scanConfig(path, text, deps))
    found.push(
      ...(value === undefined
        ? scanText(text, { file: path, prefix: 'skill', place: 'skill' }, deps)
        : dataFindings(path, text, value, deps)),
    )
  } else if (/\.(?:svg|html?|xhtml|xml)$/i.test(path)) {
    found.push(...(await documentFindings(file, text, deps)))
  } else found.push(...(await instructionFindings(text, path, 'skill', deps)))
  found.push(...packageFindings(file, deps.parse))
  return found
}

/**
 * A file as whoever runs or follows it reads it, where its first bytes say that it is something else: interpreters look at the name or at
 * the first line, and step over bytes that are no text. Undefined where nobody would read it so.
 */
function readAnyway(file: SubjectFile): SubjectFile | undefined {
  const { path, bytes, text, kind } = file
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const isMarked = text !== undefined && /^(?:\xff\xfe|\xfe\xff)/.test(raw.toString('latin1', 0, 2))
  if (text !== undefined && !(isMarked && ASCII.test(raw.toString('latin1')))) return undefined
  const plain = raw.toString('utf8').replaceAll('\0', '')
  const head = plain.slice(0, 512)
  const isText = (head.match(/[\x00-\x08\x0e-\x1f\x7f\ufffd]/g)?.length ?? 0) * 50 <= head.length
  const isRead = isMarked || scriptKind(path, head) !== undefined || (isText && !OWN_READER.has(kind))
  return isRead ? { ...file, kind: 'text', bytes: Buffer.from(plain), text: plain, validText: false } : undefined
}
/** What a reader of its own reads, text in it too. */
const OWN_READER: ReadonlySet<SubjectFile['kind']> = new Set(['zip', 'gzip', 'tar', 'pdf', 'image', 'ole'])
/** Letters of one byte each, more of them than text of two bytes a letter has by chance. */
const ASCII = /[\t\n\r\x20-\x7e]{12}/

/** Commands, strings and comments of a script. */
function scriptFindings(code: ReadCode, path: string, deps: ScanDeps): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const { language } = code.kind
  const commands = commandsOf(code.source, language)
  if (commands !== undefined)
    for (const { rule, start, end } of judgeScript(commands, deps.parse))
      found.push(at(rule, path, code.source, start, end))
  if (language === 'shell' || language === 'powershell' || language === 'cmd')
    for (const { rule, start, end } of judgeScript(code.source, deps.parse, language === 'shell' ? 'bash' : language))
      found.push(at(rule, path, code.source, start, end))
  for (const { line, argv, start, end } of embeddedCommands(code)) {
    const hits = line === undefined ? judgeArgv(argv ?? [], deps.parse) : judgeScript(line, deps.parse)
    for (const { rule } of hits) found.push(at(rule, path, code.source, start, end))
  }
  for (const { text, start } of code.comments) {
    if (text.length < 12 || !addressesAgent(text)) continue
    found.push(
      ...scanText(text, { file: path, prefix: 'skill', place: 'hidden', within: { text: code.source, start } }, deps),
    )
  }
  for (const { text, start } of code.strings) {
    if (!isWriting(text)) continue
    // text that code hands on to a model or a user
    found.push(
      ...scanText(
        text,
        { file: path, prefix: 'skill', place: 'skill', within: { text: code.source, start } },
        deps,
      ).filter(
        ({ id }) => /\.(?:injection|persistence|control|exfiltration)\./.test(id) && !id.endsWith('.injection.head'),
      ),
    )
  }
  return found
}

/** Tables of characters and patterns hold what hides elsewhere. */
const inTables = (finding: ScanFinding): ScanFinding =>
  /\.(?:zero-width|joiner|mongolian|far-away|zero-width-space|not-a-character|deprecated-format)$/.test(finding.id)
    ? { ...finding, severity: 'medium' }
    : finding

/** Sentences rather than markup, patterns or tables. */
const isWriting = (text: string): boolean =>
  text.length >= 40 &&
  (text.match(/\p{L}{2,}\s/gu)?.length ?? 0) >= 6 &&
  (text.match(/[\p{L}\s.,;:!?'"()/-]/gu)?.length ?? 0) > text.length * 0.88

async function documentFindings(file: SubjectFile, text: string, deps: ScanDeps): Promise<readonly ScanFinding[]> {
  const document = await deps.extract(
    text,
    /\.svg$/i.test(file.path) ? 'image/svg+xml' : /\.xml$/i.test(file.path) ? 'application/xml' : 'text/html',
  )
  const found: ScanFinding[] = [
    ...hiddenCharacters(text, file.path, 'skill'),
    ...hostFindings(text, file.path, 'skill', false),
  ]
  const active = /<script\b|\bon(?:load|click|error|mouseover)\s*=|javascript:|<foreignObject\b/i.exec(text)
  if (active !== null && /\.svg$/i.test(file.path))
    found.push(
      findingAt(
        { ...ACTIVE, id: 'skill.binary.active-picture' },
        file.path,
        text,
        active.index,
        active.index + active[0].length,
      ),
    )
  found.push(...scanText(document.visible, { file: file.path, prefix: 'skill', place: 'skill' }, deps))
  for (const { text: hidden, how, start } of document.hidden) {
    if (how === 'style') continue
    found.push(
      ...scanText(
        hidden,
        { file: file.path, prefix: 'skill', place: 'hidden', within: { text, start: start ?? 0 } },
        deps,
      ),
    )
    if (how !== 'script' && addressesAgent(hidden))
      found.push(
        findingAt(
          { ...HIDDEN_ORDERS, title: `text that readers do not see speaks to the agent (${how})` },
          file.path,
          text,
          start ?? 0,
          (start ?? 0) + hidden.length,
        ),
      )
    if (how === 'script')
      for (const { rule, start: from, end } of matchCode([
        readCode(hidden, { language: 'javascript', comments: 'slash' }),
      ]))
        found.push(at(rule, file.path, text, (start ?? 0) + from, (start ?? 0) + end))
  }
  return found
}

const HIDDEN_ORDERS: RuleText = {
  id: 'skill.hidden.orders',
  severity: 'high',
  title: 'hidden text speaks to the agent',
  why: 'What is meant for the agent alone is kept from whoever reviews it.',
  fix: 'Write it where everybody reads it.',
}
const UNREAD: RuleText = {
  id: 'skill.binary.not-analysable',
  severity: 'high',
  title: 'cannot be read to its end',
  why: 'What cannot be read cannot be reviewed, and the agent may read it all the same.',
  fix: 'Take it out, or ship it as text.',
}
const PROGRAM: RuleText = {
  id: 'skill.binary.program',
  severity: 'high',
  title: 'ships a compiled program',
  why: 'Nobody can see what it does before it does it.',
  fix: 'Ship the source, or name a package of a registry.',
}
const LIE: RuleText = {
  id: 'skill.binary.lying-name',
  severity: 'high',
  title: 'is something else than its name says',
  why: 'The name decides who looks at it; the content decides what it does.',
  fix: 'Give it the name of what it is.',
}
const ACTIVE: RuleText = {
  id: 'skill.binary.active-document',
  severity: 'high',
  title: 'document with macros or active parts',
  why: 'It runs when it is opened.',
  fix: 'Take the macros out.',
}
const OPAQUE: RuleText = {
  id: 'skill.binary.unknown',
  severity: 'medium',
  title: 'bytes of no known kind',
  why: 'Nothing that reads a skill can say what they are.',
  fix: 'Take it out, or say what it is for.',
}
const INVALID: RuleText = {
  id: 'skill.hidden.invalid-text',
  severity: 'medium',
  title: 'text with bytes that are no text',
  why: 'Readers disagree about what it says.',
  fix: 'Save it as UTF-8.',
}
const SECRET: RuleText = {
  id: 'skill.secret.embedded',
  severity: 'medium',
  title: 'holds a secret',
  why: 'Everybody who has the skill has the secret.',
  fix: 'Revoke it and take it by name of a variable.',
}

async function binaryFindings(file: SubjectFile, deps: ScanDeps): Promise<readonly ScanFinding[]> {
  const { path, kind, bytes } = file
  const found: ScanFinding[] = []
  const lie = liesAbout(path, kind)
  if (lie !== undefined) found.push(findingOf(LIE, path, lie))
  if (EXECUTABLE.has(kind)) found.push(findingOf(PROGRAM, path, `${kind}, ${bytes.length} bytes`))
  else if (kind === 'archive') found.push(findingOf(UNREAD, path, 'an archive of a kind that is not unpacked'))
  else if (kind === 'ole') found.push(findingOf(ACTIVE, path, 'an old office document or installer'))
  else if (kind === 'binary') found.push(findingOf(OPAQUE, path, `${bytes.length} bytes`))
  if (['pdf', 'image', 'zip', 'ole'].includes(kind)) {
    const document = await deps.extract(bytes)
    for (const { rule, severity, detail } of document.notes) {
      if (
        rule === 'document.pixels' ||
        rule === 'document.nested' ||
        rule === 'document.unknown' ||
        (kind === 'zip' && rule === 'document.part')
      )
        continue
      if (/macro|active/.test(rule)) found.push(findingOf(ACTIVE, path, detail))
      else
        found.push(
          findingOf(
            { ...UNREAD, id: `skill.binary.${rule.replace('document.', '')}`, title: detail },
            path,
            detail,
            /encrypted|bomb|polyglot/.test(rule)
              ? 'high'
              : severityRank(severity) > severityRank('medium')
                ? 'high'
                : 'medium',
          ),
        )
    }
    found.push(...scanText(document.visible, { file: path, prefix: 'skill', place: 'skill' }, deps))
    for (const { text } of document.hidden)
      found.push(...scanText(text, { file: path, prefix: 'skill', place: 'hidden' }, deps))
  }
  return found
}

const NOTES: Readonly<Record<ReadingNote['name'], readonly [severity: RuleText['severity'], title: string]>> = {
  'too-large': ['high', 'is larger than is read'],
  'too-many': ['high', 'holds more files than are read'],
  'too-deep': ['high', 'is nested deeper than is read'],
  bomb: ['critical', 'unpacks to far more than it is'],
  unreadable: ['high', 'could not be read'],
  encrypted: ['high', 'is encrypted'],
  symlink: ['high', 'is a link that leaves the subject'],
  traversal: ['critical', 'has a path that leaves its folder'],
  special: ['high', 'is no plain file'],
  malformed: ['high', 'is an archive that cannot be read'],
  layout: ['high', 'is an archive that readers read differently'],
  duplicate: ['high', 'holds a name twice'],
  'unknown-archive': ['high', 'is an archive of a kind that is not unpacked'],
  time: ['high', 'was not reached in time'],
  skipped: ['low', 'is not read'],
}

function noteFinding({ name, path, detail }: ReadingNote): ScanFinding {
  const [severity, title] = NOTES[name]
  return findingOf(
    {
      id: `skill.file.${name}`,
      severity,
      title,
      why: 'What was not read is not clean.',
      fix: 'Take it out, or ship it as plain files.',
    },
    path,
    detail,
  )
}

const STARTS_ITSELF =
  /(?:^|[/!])(?:\.git\/hooks\/|\.husky\/|\.githooks\/)[\w-]+$|(?:^|[/!])(?:\.vscode\/tasks\.json|\.envrc|sitecustomize\.py|usercustomize\.py|[\w-]+\.pth|\.claude\/settings(?:\.local)?\.json|\.cursor\/hooks\.json|\.bashrc|\.zshrc|\.profile|\.bash_profile|[\w.-]+\.(?:plist|service|timer|desktop))$/

function nameFindings({ path }: SubjectFile): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  found.push(
    ...hiddenCharacters(path, path, 'skill').map((finding) => ({
      ...finding,
      id: 'skill.hidden.file-name',
      severity: 'high' as const,
    })),
  )
  if (mixedWord(path) !== undefined)
    found.push(
      findingOf(
        {
          id: 'skill.impersonation.look-alike-file',
          severity: 'high',
          title: 'file name with letters of two alphabets',
          why: 'It passes for another file.',
          fix: 'Rename it.',
        },
        path,
        path,
      ),
    )
  if (
    /\.(?:pdf|docx?|xlsx?|txt|png|jpe?g|md|json|csv|html?)\s{0,200}\.(?:exe|scr|bat|cmd|com|pif|js|vbs|ps1|sh|command|app|jar|py|lnk)$/i.test(
      path,
    )
  )
    found.push(findingOf({ ...LIE, id: 'skill.binary.double-ending' }, path, path))
  if (STARTS_ITSELF.test(path))
    found.push(
      findingOf(
        {
          id: 'skill.persistence.starts-itself',
          severity: 'medium',
          title: 'is run by itself where it lies',
          why: 'Nobody calls it: an editor, a shell, Git or Python does.',
          fix: 'Ship it under another name and let the user install it.',
        },
        path,
        path,
      ),
    )
  return found
}
