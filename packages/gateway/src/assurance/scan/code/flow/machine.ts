import type { Expr, Func, Language, Member, Stmt, Target } from '../syntax.ts'
import type { Guards } from './guards.ts'
import type { NameModel } from '../models/names.ts'
import type { Scope, State } from './scope.ts'
import type { Closure, Given, Value } from './value.ts'

/** A call as it is seen by the rules. */
export interface CallSite {
  readonly language: Language
  /** Full name: `child_process.exec`; `?.execute` for a method of what is not known. */
  readonly path: string
  /** Last part of the name. */
  readonly name: string
  readonly given: readonly Given[]
  readonly receiver?: Value
  /** What the text calls the receiver. */
  readonly holder?: string
  readonly at: number
  readonly end: number
  /** Inside a tagged template: its text. */
  readonly tagged?: true
  /** Names of what the value is for, innermost last: variables, members, functions and calls around it. */
  readonly purposes: readonly string[]
}

/** A name that gets a value: variable, member, key of an object, keyword argument, default of a parameter, comparison. */
export interface NamedSite {
  readonly name: string
  readonly value: Value
  readonly how: 'bind' | 'entry' | 'argument' | 'compare'
  /** Name of the call whose argument it is. */
  readonly of?: string
  readonly expr: Expr
}

export interface Watcher {
  call(site: CallSite): void
  named(site: NamedSite): void
}

/** Sees what a function returns; undefined: it ends. */
type Sees = (value: Expr | undefined, scope: Scope) => void

/** What the parts of the interpreter have in common. */
export interface Machine {
  readonly language: Language
  readonly names: NameModel
  readonly state: State
  readonly root: Scope
  readonly watcher: Watcher
  readonly purposes: string[]
  /** Functions that are used otherwise than by a call, or called with a value that somebody chooses. */
  readonly escaped: Set<Func>
  readonly called: Set<Func>
  /** Names of classes whose values are fixed, as `=Colour`. */
  readonly enums: Set<string>
  /** Members of declared types. */
  readonly shapes: Map<string, readonly Member[]>
  /** The class of a method. */
  readonly classes: Map<Func, string>
  evaluate(expr: Expr, scope: Scope): Value
  /** @returns whether the end of the body is not reached */
  run(body: readonly Stmt[], scope: Scope): boolean
  /** Runs a function of the text with these arguments. */
  enter(closure: Closure, given: readonly Given[], at: number): Value | undefined
  /** Analyses a function by itself when the text has been read, unless that has been done. */
  later(closure: Closure): void
  /** False when the file has taken too many steps. */
  step(): boolean
  /** What a name stands for when it is called: its function does not escape by that. */
  calleeValue(name: string, scope: Scope): Value
  /** The full name of what an expression calls. */
  evaluatedPath(callee: Expr, scope: Scope): string
  /** The value as one of a declared type; undefined when the type says nothing. */
  typed(type: string, value: Value): Value | undefined
  /** What the truth of a variable shows: `const ok = allowed.has(x)`. */
  readonly tests: Map<string, Guards>
  /** Runs a body and shows what it returns, with the scope. */
  watched(body: readonly Stmt[], scope: Scope, sees: Sees): void
  sees: Sees | undefined
  /** What functions without a name of their own are called. */
  readonly labels: Map<Func, string>
  /** How many functions are being entered. */
  readonly depth: number
  nested(run: () => void): void
  /** The function of the text that an expression names. */
  functionOf(expr: Expr, scope: Scope): Closure | undefined
  assign(target: Target, value: Value, scope: Scope, expr: Expr, declares: boolean): void
}
