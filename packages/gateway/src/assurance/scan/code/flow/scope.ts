import { either, type Value } from './value.ts'

/** Names of a function or block. */
export class Scope {
  readonly names = new Map<string, Value>()
  readonly outer: Scope | undefined

  /** Of a function, a class or the file: where a name belongs that is assigned without a declaration. */
  readonly whole: boolean

  constructor(outer?: Scope, whole = outer === undefined) {
    this.outer = outer
    this.whole = whole
  }

  /** Of a function, a class or the file. */
  get own(): Scope {
    return this.whole || this.outer === undefined ? this : this.outer.own
  }

  find(name: string): Value | undefined {
    return this.names.get(name) ?? this.outer?.find(name)
  }

  /** The scope that has the name. */
  holder(name: string): Scope | undefined {
    return this.names.has(name) ? this : this.outer?.holder(name)
  }
}

type Change = () => void

/** What is known at a point of the program: values of names, and which sources have been checked for what. */
export class State {
  /** Bits of FIT by the key of a source. */
  private readonly checked = new Map<string, number>()
  private readonly ever = new Map<string, number>()
  private changes: { readonly scope: Scope; readonly name: string; readonly before: Value | undefined }[] = []
  private marks: { readonly key: string; readonly before: number | undefined }[] = []

  set(scope: Scope, name: string, value: Value): void {
    this.changes.push({ scope, name, before: scope.names.get(name) })
    scope.names.set(name, value)
  }

  mark(key: string, fit: number): void {
    const before = this.checked.get(key)
    this.marks.push({ key, before })
    this.checked.set(key, (before ?? 0) | fit)
    this.ever.set(key, (this.ever.get(key) ?? 0) | fit)
  }

  /** What has been checked anywhere so far. */
  everFitOf(key: string): number {
    return this.ever.get(key) ?? 0
  }

  /** What is checked in here is not known afterwards. */
  apart(run: () => void): void {
    const outer = this.marks
    this.marks = []
    run()
    for (const { key, before } of this.marks.reverse()) {
      if (before === undefined) this.checked.delete(key)
      else this.checked.set(key, before)
    }
    this.marks = outer
  }

  get hasMarks(): boolean {
    return this.checked.size > 0
  }

  fitOf(key: string): number {
    return this.checked.get(key) ?? 0
  }

  /** Runs branches from the same state; afterwards a name is what any branch that goes on made of it. */
  branch(branches: readonly (() => boolean)[]): void {
    const outerChanges = this.changes
    const outerMarks = this.marks
    const ends: { readonly values: Map<Scope, Map<string, Value>>; readonly marks: Map<string, number> }[] = []
    for (const run of branches) {
      this.changes = []
      this.marks = []
      const leaves = run()
      const values = new Map<Scope, Map<string, Value>>()
      for (const { scope, name } of this.changes) {
        const now = scope.names.get(name)
        if (now === undefined) continue
        const named = values.get(scope) ?? new Map<string, Value>()
        values.set(scope, named.set(name, now))
      }
      const marks = new Map(this.marks.map(({ key }) => [key, this.checked.get(key) ?? 0]))
      this.undo()
      if (!leaves) ends.push({ values, marks })
    }
    this.changes = outerChanges
    this.marks = outerMarks
    this.join(ends)
  }

  private join(
    ends: readonly { readonly values: Map<Scope, Map<string, Value>>; readonly marks: Map<string, number> }[],
  ): void {
    const touched = new Map<Scope, Set<string>>()
    for (const { values } of ends) {
      for (const [scope, named] of values) {
        const names = touched.get(scope) ?? new Set<string>()
        for (const name of named.keys()) names.add(name)
        touched.set(scope, names)
      }
    }
    for (const [scope, names] of touched) {
      for (const name of names) {
        const before = scope.names.get(name)
        const results = ends.map(({ values }) => values.get(scope)?.get(name) ?? before)
        const known = results.filter((value): value is Value => value !== undefined)
        if (known.length > 0) this.set(scope, name, either(known))
      }
    }
    const [first, ...rest] = ends
    if (first === undefined) return
    for (const [key, fit] of first.marks) {
      const common = rest.reduce((bits, { marks }) => bits & (marks.get(key) ?? this.fitOf(key)), fit)
      if ((common & ~this.fitOf(key)) !== 0) this.mark(key, common)
    }
  }

  private undo(): void {
    const steps: Change[] = []
    for (const { scope, name, before } of this.changes) {
      steps.push(() => (before === undefined ? scope.names.delete(name) : scope.names.set(name, before)))
    }
    for (const { key, before } of this.marks) {
      steps.push(() => (before === undefined ? this.checked.delete(key) : this.checked.set(key, before)))
    }
    for (const step of steps.reverse()) step()
  }
}
