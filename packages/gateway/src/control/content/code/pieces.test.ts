import type { JsonObject, RegisteredTool, ToolAnnotation } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { registeredTool } from '../../catalogue/registry.ts'
import { piecesOfPatch } from './patch.ts'
import { piecesOf } from './pieces.ts'

const WRITES: ToolAnnotation = {
  effect: 'write',
  groups: ['group:fs'],
  args: {},
  irreversible: false,
  persist: false,
}

const toolOf = (name: string, annotation?: Partial<ToolAnnotation>): RegisteredTool =>
  registeredTool({
    server: 'box',
    definition: { name, inputSchema: { type: 'object' } },
    pin: 'pin',
    annotation: annotation === undefined ? undefined : { ...WRITES, ...annotation },
    elevated: false,
  })

const pieces = (name: string, args: JsonObject, annotation: Partial<ToolAnnotation> | undefined = {}) =>
  piecesOf(toolOf(name, annotation), args)

describe('what a call would write', () => {
  it('HB-107: whole files, by the names that tools of files have in common', () => {
    const file = { kind: 'file', path: 'a.py', text: 'x' }
    expect(pieces('write_file', { path: 'a.py', content: 'x' })).toEqual([file])
    expect(pieces('Write', { file_path: 'a.py', content: 'x' })).toEqual([file])
    expect(pieces('create', { command: 'create', path: 'a.py', file_text: 'x' })).toEqual([file])
    expect(pieces('push_files', { files: [{ path: 'a.py', content: 'x' }] })).toEqual([file])
    // nobody annotated it
    expect(pieces('write_file', { path: 'a.py', content: 'x' }, undefined)).toEqual([file])
  })

  it('HB-107: roles name the arguments where their names say nothing', () => {
    const args = { args: { wohin: 'selector', was: 'content' } } as const
    expect(pieces('schreibe', { wohin: 'a.py', was: 'x' }, args)).toEqual([{ kind: 'file', path: 'a.py', text: 'x' }])
  })

  it('HB-107: replacements, one or many', () => {
    const one = { old: 'a', text: 'b' }
    expect(pieces('Edit', { file_path: 'a.py', old_string: 'a', new_string: 'b', replace_all: true })).toMatchObject([
      { kind: 'edits', path: 'a.py', edits: [{ ...one, all: true }] },
    ])
    for (const edits of [[{ oldText: 'a', newText: 'b' }], [{ old_string: 'a', new_string: 'b' }]])
      expect(pieces('edit_file', { path: 'a.py', edits })).toMatchObject([{ kind: 'edits', edits: [one] }])
    expect(pieces('NotebookEdit', { notebook_path: 'a.ipynb', new_source: 'x' })).toMatchObject([
      { kind: 'edits', path: 'a.ipynb', edits: [{ text: 'x' }] },
    ])
    expect(pieces('NotebookEdit', { notebook_path: 'a.ipynb', new_source: 'x', cell_type: 'markdown' })).toEqual([])
    expect(pieces('append_file', { path: 'a.py', content: 'x' })).toMatchObject([{ kind: 'edits' }])
  })

  it('HB-107: what reads, sends mail or carries no text writes no code', () => {
    expect(pieces('read_file', { path: 'a.py', content: 'x' }, { effect: 'read' })).toEqual([])
    expect(pieces('send_mail', { name: 'a.py', body: 'x' }, { groups: ['group:messaging'] })).toEqual([])
    expect(pieces('create_directory', { path: 'a.py' })).toEqual([])
  })

  it('HB-107: lines for a shell only where they can carry code', () => {
    const runs = (command: string) => pieces('Bash', { command }, { effect: 'external', groups: ['group:runtime'] })
    for (const line of ['python3 -c "x"', 'node -e "x"', 'cat > a.py <<EOF\nx\nEOF', 'bash -lc "x"', 'node --eval=x'])
      expect(runs(line), line).toEqual([{ kind: 'command', text: line }])
    for (const line of ['npm test', 'git status 2>&1', 'ls -la >/dev/null', 'cargo build'])
      expect(runs(line), line).toEqual([])
    expect(pieces('run', { code: 'x', language: 'python' }, { groups: ['group:runtime'] })).toEqual([
      { kind: 'code', language: 'python', text: 'x' },
    ])
    expect(pieces('run_python', { code: 'x' }, { groups: ['group:runtime'] })).toMatchObject([{ language: 'python' }])
  })
})

describe('patches', () => {
  it('HB-107: the form of Codex, with new, changed, moved and deleted files', () => {
    const patch = [
      '*** Begin Patch',
      '*** Add File: a.py',
      '+import os',
      '+x = 1',
      '*** Update File: b.py',
      '*** Move to: c.sh',
      '@@ def f():',
      ' one',
      '-two',
      '+three',
      '*** Delete File: d.py',
      '*** End Patch',
    ].join('\n')
    const expected = [
      { kind: 'file', path: 'a.py', text: 'import os\nx = 1' },
      { kind: 'edits', path: 'c.sh', edits: [{ old: 'one\ntwo', text: 'one\nthree' }] },
    ]
    expect(piecesOfPatch(patch)).toEqual(expected)
    expect(piecesOfPatch(patch.replaceAll('\n', '\r\n'))).toEqual(expected)
    expect(pieces('apply_patch', { command: patch })).toEqual(expected)
    expect(pieces('apply_patch', { input: patch }, undefined)).toEqual(expected)
  })

  it('HB-107: the unified form, in which a line of a hunk may look like a head', () => {
    const patch = [
      'diff --git a/a.lua b/a.lua',
      '--- a/a.lua',
      '+++ b/a.lua',
      '@@ -1,3 +1,3 @@',
      ' one',
      '--- old comment',
      '+++ new comment',
      ' two',
      '--- /dev/null',
      '+++ b/new.py',
      '@@ -0,0 +1 @@',
      '+x = 1',
      '--- a/gone.py',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-x',
    ].join('\n')
    expect(piecesOfPatch(patch)).toEqual([
      { kind: 'edits', path: 'a.lua', edits: [{ old: 'one\n-- old comment\ntwo', text: 'one\n++ new comment\ntwo' }] },
      { kind: 'file', path: 'new.py', text: 'x = 1' },
    ])
  })
})
