import { StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state'
import { Decoration, EditorView, WidgetType, type DecorationSet } from '@codemirror/view'

/** A sentence below a rule, with a way to what it is about. */
export interface Lens {
  /** Line, from 1, below which it stands. */
  readonly line: number
  readonly sentence: string
  readonly show: () => void
}

const put = StateEffect.define<readonly Lens[]>()

class LensWidget extends WidgetType {
  readonly lens: Lens
  constructor(lens: Lens) {
    super()
    this.lens = lens
  }
  override eq(other: LensWidget): boolean {
    return other.lens.sentence === this.lens.sentence && other.lens.line === this.lens.line
  }
  override toDOM(): HTMLElement {
    const box = document.createElement('div')
    box.className = 'sp-lens'
    const words = document.createElement('span')
    words.textContent = this.lens.sentence
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = 'Show'
    button.addEventListener('click', this.lens.show)
    box.append(words, button)
    return box
  }
  override ignoreEvent(): boolean {
    return true
  }
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, { changes, effects, state }) {
    const given = effects.find((effect) => effect.is(put))
    return given === undefined ? set.map(changes) : decorate(state, given.value as readonly Lens[])
  },
  provide: (self) => EditorView.decorations.from(self),
})

function decorate(state: EditorState, lenses: readonly Lens[]): DecorationSet {
  const widgets = lenses
    .filter(({ line }) => line >= 1 && line <= state.doc.lines)
    .map((lens) =>
      Decoration.widget({ widget: new LensWidget(lens), block: true, side: 1 }).range(state.doc.line(lens.line).to),
    )
  return Decoration.set(widgets, true)
}

export const lenses: Extension = field
export const putLenses = (view: EditorView, list: readonly Lens[]): void => view.dispatch({ effects: put.of(list) })
