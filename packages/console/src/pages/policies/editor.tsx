import { autocompletion, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, toggleTabFocusMode } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { cedarLanguage } from './cedar.ts'
import { look } from './editor-look.ts'
import { lenses, putLenses, type Lens } from './lens.ts'
import type { Issue, PolicyFile } from './model.ts'
import { completeCedar } from './words.ts'
import styles from './policies.module.css'

export interface EditorProps {
  readonly file: PolicyFile
  /** The text in force; what differs is marked. */
  readonly original: string
  readonly readOnly: boolean
  readonly actions: readonly string[]
  readonly issues: readonly Issue[]
  readonly lenses: readonly Lens[]
  /** Goes to this line when it changes. */
  readonly line?: number | undefined
  readonly onChange: (text: string) => void
  readonly onSave: () => void
}

/**
 * The editor of one file. It lives in a shadow root: there it styles itself by constructed style sheets, which the
 * Content-Security-Policy allows, while a `<style>` element in the page is refused.
 */
export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const now = useRef(props)
  useEffect(() => {
    now.current = props
  })
  const { file, original, readOnly, actions, issues, line } = props
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' })
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: file.text,
        extensions: [
          look,
          lineNumbers(),
          lintGutter(),
          highlightActiveLineGutter(),
          drawSelection(),
          history(),
          bracketMatching(),
          lenses,
          unifiedMergeView({ original, mergeControls: false, gutter: true, highlightChanges: true }),
          file.language === 'cedar' ? cedarLanguage : yaml(),
          ...(file.language === 'cedar' ? [autocompletion({ override: [completeCedar(actions)] })] : []),
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ 'aria-label': `Text of ${file.path}`, 'aria-readonly': String(readOnly) }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) now.current.onChange(state.doc.toString())
          }),
          overSelection,
          keymap.of([
            {
              key: 'Mod-s',
              run: () => {
                now.current.onSave()
                return true
              },
            },
            // Tab leaves the editor, as everywhere on the page; this lets it indent
            { key: 'Ctrl-m', run: toggleTabFocusMode },
            ...completionKeymap,
            ...lintKeymap,
            ...defaultKeymap,
            ...historyKeymap,
          ]),
        ],
      }),
    })
    // it scrolls, so it is reached by keyboard too
    made.scrollDOM.tabIndex = 0
    view.current = made
    return () => {
      made.destroy()
      view.current = undefined
    }
    // another file, or another state of it, is another editor; its own typing is not
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [file.path, original, readOnly, actions])

  useEffect(() => {
    const made = view.current
    if (made === undefined) return
    if (made.state.doc.toString() !== file.text)
      made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: file.text } })
  }, [file.text])

  /** The same findings come as new objects with every check. */
  const found = JSON.stringify([issues, props.lenses.map(({ line: at, sentence }) => [at, sentence])])
  useEffect(() => {
    const made = view.current
    if (made === undefined) return
    const shown = now.current.issues.flatMap((issue) => diagnosticOf(made.state, issue))
    made.dispatch(setDiagnostics(made.state, shown))
    putLenses(made, now.current.lenses)
  }, [found, file.path, original, readOnly])

  useEffect(() => {
    const made = view.current
    if (made === undefined || line === undefined || line > made.state.doc.lines) return
    const { from } = made.state.doc.line(line)
    made.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
  }, [line, file.path])

  return <div ref={host} className={styles.editor} data-testid="editor" />
}

/**
 * Typing over a selection. Left to itself the browser keeps the look of what was selected in a `style` attribute, which the
 * Content-Security-Policy refuses and reports.
 */
const overSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { state } = view
    if (event.inputType !== 'insertText' || event.data === null || view.composing || state.readOnly) return false
    if (state.selection.main.empty) return false
    view.dispatch(state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})

function diagnosticOf({ doc }: EditorState, { line, col, severity, message }: Issue): Diagnostic[] {
  if (line < 1 || line > doc.lines) return []
  const { from, to, text } = doc.line(line)
  const start = Math.min(to, from + Math.max(0, col - 1))
  const word = /^[\w"@.:]+/.exec(text.slice(start - from))?.[0].length ?? 1
  return [{ from: start, to: Math.min(to, Math.max(start + word, start)), severity, message }]
}
