import { either, type Value } from './value.ts'

const EMPTY: ReadonlyMap<string, Value> = new Map()

/** Names of a function or block. */
export class Scope {
  /** Most blocks declare nothing. */
  private held: Map<string, Value> | undefined
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

  /** Its own names; changed by `State` alone. */
  get names(): ReadonlyMap<string, Value> {
    return this.held ?? EMPTY
  }

  /** Undefined: the name is not there. */
  put(name: string, value: Value | undefined): void {
    if (value !== undefined) (this.held ??= new Map()).set(name, value)
    else this.held?.delete(name)
  }

  find(name: string): Value | undefined {
    return this.held?.get(name) ?? this.outer?.find(name)
  }

  /** The scope that has the name. */
  holder(name: string): Scope | undefined {
    return this.held?.has(name) === true ? this : this.outer?.holder(name)
  }
}

interface Changed {
  readonly scope: Scope
  readonly name: string
  readonly before: Value | undefined
}
interface Marked {
  readonly key: string
  readonly before: number | undefined
}
/** What a branch that goes on has made of the names and sources it changed. */
interface End {
  readonly values: ReadonlyMap<Scope, ReadonlyMap<string, Value>>
  readonly marks: ReadonlyMap<string, number>
}

/** What is known at a point of the program: values of names, and which sources have been checked for what. */
export class State {
  /** Bits of FIT by the key of a source. */
  private readonly checked = new Map<string, number>()
  private readonly ever = new Map<string, number>()
  private changes: Changed[] = []
  private marks: Marked[] = []
  private declared = 0
  private last = 0
  private now = 0

  /** Of what is known: as long as it is the same, or is so again, an expression has the value it had. */
  get version(): number {
    return this.now
  }

  set(scope: Scope, name: string, value: Value): void {
    this.changes.push({ scope, name, before: scope.names.get(name) })
    scope.put(name, value)
    this.changed()
  }

  /** The same for good, whichever branch the text has it in. */
  declare(scope: Scope, name: string, value: Value): void {
    scope.put(name, value)
    this.declared++
    this.changed()
  }

  mark(key: string, fit: number): void {
    const before = this.checked.get(key)
    this.marks.push({ key, before })
    this.checked.set(key, (before ?? 0) | fit)
    this.ever.set(key, (this.ever.get(key) ?? 0) | fit)
    this.changed()
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
    this.unmark()
    this.marks = outer
    this.changed()
  }

  get hasMarks(): boolean {
    return this.checked.size > 0
  }

  fitOf(key: string): number {
    return this.checked.get(key) ?? 0
  }

  /** Runs branches from the same state; afterwards a name is what any branch that goes on made of it. */
  branch(branches: readonly (() => boolean)[]): void {
    const [changes, marks, version, declared] = [this.changes, this.marks, this.now, this.declared]
    const ends: End[] = []
    for (const run of branches) {
      this.changes = []
      this.marks = []
      const leaves = run()
      const end = leaves ? undefined : this.end()
      this.undo()
      // with what was declared meanwhile it is a state that was never there
      if (this.declared === declared) this.now = version
      else this.changed()
      if (end !== undefined) ends.push(end)
    }
    this.changes = changes
    this.marks = marks
    this.join(ends)
  }

  private changed(): void {
    this.now = ++this.last
  }

  private end(): End {
    if (this.changes.length + this.marks.length === 0) return NO_CHANGE
    const values = new Map<Scope, Map<string, Value>>()
    for (const { scope, name } of this.changes) {
      const value = scope.names.get(name)
      if (value === undefined) continue
      const named = values.get(scope)
      if (named === undefined) values.set(scope, new Map([[name, value]]))
      else named.set(name, value)
    }
    return { values, marks: new Map(this.marks.map(({ key }) => [key, this.fitOf(key)])) }
  }

  private join(ends: readonly End[]): void {
    const touched = new Map<Scope, Set<string>>()
    for (const { values } of ends) {
      for (const [scope, named] of values) {
        const names = touched.get(scope)
        if (names === undefined) touched.set(scope, new Set(named.keys()))
        else for (const name of named.keys()) names.add(name)
      }
    }
    for (const [scope, names] of touched) {
      for (const name of names) {
        const before = scope.names.get(name)
        const known: Value[] = []
        for (const { values } of ends) {
          const now = values.get(scope)?.get(name) ?? before
          if (now !== undefined) known.push(now)
        }
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
    for (const { scope, name, before } of this.changes.reverse()) scope.put(name, before)
    this.unmark()
  }

  private unmark(): void {
    for (const { key, before } of this.marks.reverse()) {
      if (before === undefined) this.checked.delete(key)
      else this.checked.set(key, before)
    }
  }
}

const NO_CHANGE: End = { values: new Map(), marks: new Map() }
