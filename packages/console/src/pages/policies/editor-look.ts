import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** Colours and type of the editor out of the tokens of the page; they reach into its shadow root. */
const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', font: 'var(--t-code)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.375rem', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 16px 0 8px' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--accent-bg)',
  },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-3)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 16px', minWidth: '2.5rem' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLineGutter': { color: 'var(--text)' },
  '.cm-changedLine': { backgroundColor: 'var(--allow-bg) !important' },
  '.cm-deletedChunk': { backgroundColor: 'var(--deny-bg) !important', padding: '0 0 0 8px !important' },
  '.cm-deletedText, .cm-changedText': { background: 'none !important', textDecoration: 'none !important' },
  '.cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none' },
  '.cm-changeGutter': { width: '3px', paddingLeft: '0' },
  '.cm-changedLineGutter': { background: 'var(--allow) !important' },
  '.cm-deletedLineGutter': { background: 'var(--deny) !important' },
  '.cm-tooltip': {
    border: '1px solid var(--border)',
    borderRadius: '7px',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow-pop)',
    font: 'var(--t-body)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-bg)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)' },
  '.cm-diagnostic': {
    padding: '6px 10px',
    borderLeft: '3px solid var(--deny)',
    whiteSpace: 'pre-wrap',
    maxWidth: '56ch',
  },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--ask)' },
  '.cm-lint-marker': { width: '8px', height: '8px', margin: '7px 0 0 3px', borderRadius: '50%' },
  '.cm-lint-marker-error': { content: 'none', backgroundColor: 'var(--deny)' },
  '.cm-lint-marker-warning': { content: 'none', backgroundColor: 'var(--ask-solid)' },
  '.cm-lintRange': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--deny) 1px',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--ask)' },
  '.sp-lens': {
    display: 'flex',
    justifyContent: 'space-between',
    gap: '12px',
    margin: '4px 16px 4px 8px',
    padding: '6px 12px',
    border: '1px solid var(--deny-line)',
    borderRadius: '7px',
    backgroundColor: 'var(--deny-bg)',
    color: 'var(--deny)',
    font: 'var(--t-strong)',
  },
  '.sp-lens button': { font: 'inherit', color: 'var(--accent)', background: 'none', border: '0', cursor: 'pointer' },
})

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-3)' },
  { tag: [tags.keyword, tags.bool, tags.atom], color: 'var(--c1)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--allow)' },
  { tag: [tags.meta, tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--ask)' },
  { tag: [tags.typeName, tags.number], color: 'var(--accent)' },
])

export const look = [theme, syntaxHighlighting(colours)]
