import { isJsonObject, type Json, type JsonObject, type RegisteredTool } from '@sallyport/core'
import type { TextEdit, WrittenPiece } from '../../../boundary/ports-code.ts'
import { isPatch, piecesOfPatch } from './patch.ts'

/** Names under which tools take these; compared without case, `_` and `-`. */
const NAMES = {
  path: ['filepath', 'path', 'file', 'filename', 'notebookpath', 'targetfile', 'target', 'absolutepath', 'uri', 'name'],
  whole: ['content', 'contents', 'filetext', 'text', 'filecontent', 'filecontents', 'body', 'data', 'newcontent'],
  inserted: ['newsource', 'inserttext', 'codeedit', 'insertedtext'],
  old: ['oldstring', 'oldstr', 'oldtext', 'search', 'find', 'original'],
  text: ['newstring', 'newstr', 'newtext', 'replace', 'replacement', 'updated'],
  all: ['replaceall', 'all'],
  edits: ['edits', 'changes', 'replacements'],
  patch: ['patch', 'diff', 'input', 'command'],
  command: ['command', 'cmd', 'commandline', 'script'],
  code: ['code', 'source', 'script', 'program'],
  language: ['language', 'lang', 'runtime', 'interpreter'],
} as const
type Name = keyof typeof NAMES

/** Tools with the effect of reading write nothing; these groups send or remember, and hold no files. */
const NO_FILES: ReadonlySet<string> = new Set(['group:messaging'])

/**
 * What a call would write or run, from its arguments: by their roles where somebody annotated the tool, and by the names that
 * tools of files have in common. Nothing for calls that write no text.
 */
export function piecesOf(tool: RegisteredTool, args: JsonObject): readonly WrittenPiece[] {
  const { annotation } = tool
  if (annotation.effect === 'read' || annotation.groups.some((group) => NO_FILES.has(group))) return []
  const members = membersOf(args)
  const patched = patchIn(members)
  if (patched !== undefined) return patched
  if (annotation.groups.includes('group:runtime') || !tool.annotated) {
    const inLanguage = NAMES.language.some((name) => members.has(name)) ? codeOf(tool, members) : undefined
    const run = inLanguage ?? commandOf(members) ?? codeOf(tool, members)
    if (run !== undefined) return run
  }
  return moreFiles(args) ?? fileOf(tool, args, members)
}

type Members = ReadonlyMap<string, Json>

const plain = (name: string): string => name.toLowerCase().replace(/[_-]/g, '')

const membersOf = (object: JsonObject): Members =>
  new Map(Object.entries(object).map(([name, value]) => [plain(name), value]))

function textOf(members: Members, name: Name): string | undefined {
  for (const each of NAMES[name]) {
    const value = members.get(each)
    if (typeof value === 'string') return value
  }
  return undefined
}

function patchIn(members: Members): readonly WrittenPiece[] | undefined {
  for (const name of NAMES.patch) {
    const value = members.get(name)
    if (typeof value === 'string' && isPatch(value)) return piecesOfPatch(value)
  }
  return undefined
}

/** What a line must hold before it is looked at for code: an interpreter's option, a here-document, a redirect. */
const CARRIES = /<<|>\s*(?!\/dev\/null)[^\s&|;()]|\s-{1,2}[A-Za-z]*(?:[cerEp]|eval|print|command)\b/

function commandOf(members: Members): readonly WrittenPiece[] | undefined {
  const text = textOf(members, 'command')
  if (text === undefined) return undefined
  return CARRIES.test(text) ? [{ kind: 'command', text }] : []
}

/** A tool that is given code to run says its language itself, or by its name. */
function codeOf({ name }: RegisteredTool, members: Members): readonly WrittenPiece[] | undefined {
  const text = textOf(members, 'code')
  if (text === undefined) return undefined
  const language =
    textOf(members, 'language') ?? /python|node|javascript|typescript|ruby|bash|shell|java|go/i.exec(name)?.[0]
  return language === undefined ? undefined : [{ kind: 'code', language, text }]
}

/** `files: [{ path, content }]`. */
function moreFiles(args: JsonObject): readonly WrittenPiece[] | undefined {
  for (const value of Object.values(args)) {
    if (!Array.isArray(value)) continue
    const pieces = value.flatMap((each): readonly WrittenPiece[] => {
      if (!isJsonObject(each)) return []
      const members = membersOf(each)
      const path = textOf(members, 'path')
      const text = textOf(members, 'whole')
      return path === undefined || text === undefined ? [] : [{ kind: 'file', path, text }]
    })
    if (pieces.length > 0) return pieces
  }
  return undefined
}

function fileOf(tool: RegisteredTool, args: JsonObject, members: Members): readonly WrittenPiece[] {
  const path = textOf(members, 'path') ?? byRole(tool, args, 'selector')
  if (path === undefined) return []
  const edits = editsOf(members)
  if (edits.length > 0) return [{ kind: 'edits', path, edits }]
  const inserted = textOf(members, 'inserted')
  if (inserted !== undefined) {
    if (members.get('celltype') === 'markdown') return []
    return [{ kind: 'edits', path, edits: [{ old: undefined, text: inserted }] }]
  }
  const text = textOf(members, 'whole') ?? byRole(tool, args, 'content')
  if (text === undefined) return []
  const appends = members.get('append') === true || members.get('mode') === 'append' || /append/i.test(tool.name)
  return appends ? [{ kind: 'edits', path, edits: [{ old: undefined, text }] }] : [{ kind: 'file', path, text }]
}

function editsOf(members: Members): readonly TextEdit[] {
  const own = editOf(members)
  if (own !== undefined) return [own]
  for (const name of NAMES.edits) {
    const list = members.get(name)
    if (Array.isArray(list))
      return list.flatMap((each) => {
        const edit = isJsonObject(each) ? editOf(membersOf(each)) : undefined
        return edit === undefined ? [] : [edit]
      })
  }
  return []
}

function editOf(members: Members): TextEdit | undefined {
  const text = textOf(members, 'text')
  if (text === undefined) return undefined
  return { old: textOf(members, 'old'), text, all: NAMES.all.some((name) => members.get(name) === true) }
}

/** The first text with that role. */
function byRole({ annotation }: RegisteredTool, args: JsonObject, role: 'content' | 'selector'): string | undefined {
  for (const [name, value] of Object.entries(args))
    if (typeof value === 'string' && Object.hasOwn(annotation.args, name) && annotation.args[name] === role)
      return value
  return undefined
}
