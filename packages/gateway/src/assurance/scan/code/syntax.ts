/**
 * The form that every language is read into: what matters to data flow, and no more. `at` is the first UTF-16 unit of the
 * construct in the text, `end` the first behind it.
 */
export type Language = 'javascript' | 'typescript' | 'python' | 'go' | 'ruby' | 'java' | 'bash'

interface Place {
  readonly at: number
  readonly end: number
}

export interface Argument {
  /** Of a keyword argument. */
  readonly name?: string
  readonly value: Expr
  /** `...x`, `*x`, `**x`. */
  readonly spread?: true
}

export interface Entry {
  /** Undefined for a spread. */
  readonly key: Expr | undefined
  readonly value: Expr
}

export type Expr = Place &
  (
    | { readonly k: 'text'; readonly value: string }
    | { readonly k: 'number'; readonly value: number }
    | { readonly k: 'truth'; readonly value: boolean }
    | { readonly k: 'nothing' }
    | { readonly k: 'pattern'; readonly source: string }
    | { readonly k: 'name'; readonly name: string }
    | { readonly k: 'member'; readonly object: Expr; readonly name: string }
    | { readonly k: 'index'; readonly object: Expr; readonly key: Expr }
    | { readonly k: 'call'; readonly callee: Expr; readonly args: readonly Argument[]; readonly makes?: true }
    /** Text put together: `a + b`, a template, an interpolated string. */
    | { readonly k: 'join'; readonly parts: readonly Expr[] }
    | { readonly k: 'tagged'; readonly tag: Expr; readonly parts: readonly Expr[] }
    /** `template % args` and what else fills holes in a text. */
    | { readonly k: 'fill'; readonly template: Expr; readonly args: readonly Argument[] }
    | { readonly k: 'list'; readonly items: readonly Expr[] }
    | { readonly k: 'map'; readonly entries: readonly Entry[]; readonly type?: string }
    | { readonly k: 'choice'; readonly test?: Expr; readonly options: readonly Expr[] }
    | { readonly k: 'compare'; readonly op: Comparison; readonly left: Expr; readonly right: Expr }
    | { readonly k: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
    | { readonly k: 'not'; readonly operand: Expr }
    | { readonly k: 'function'; readonly fn: Func }
    /** An assignment inside an expression. */
    | { readonly k: 'set'; readonly target: Target; readonly value: Expr }
    /** Arithmetic and all else whose value is a number or a truth. */
    | { readonly k: 'measure'; readonly parts: readonly Expr[] }
    /** A comprehension: the body for each element. */
    | { readonly k: 'each'; readonly loops: readonly Loop[]; readonly body: Expr }
    | { readonly k: 'other'; readonly parts: readonly Expr[] }
  )

export type Comparison = 'equal' | 'unequal' | 'in' | 'not-in' | 'matches' | 'not-matches' | 'order'

export interface Loop {
  readonly target: Target
  readonly over: Expr
  readonly tests: readonly Expr[]
}

export type Target =
  | { readonly k: 'name'; readonly name: string }
  | { readonly k: 'place'; readonly place: Expr }
  | { readonly k: 'parts'; readonly parts: readonly TargetPart[] }

export interface TargetPart {
  /** Of a list: its index. Undefined: the rest. */
  readonly key: string | number | undefined
  readonly target: Target
  readonly fallback?: Expr
}

export interface Param {
  readonly target: Target
  readonly type?: string
  readonly fallback?: Expr
  /** Of a type that is written out where the parameter is. */
  readonly members?: readonly Member[]
  /** Takes all arguments that are left. */
  readonly rest?: true
}

export interface Func extends Place {
  readonly name?: string
  readonly params: readonly Param[]
  readonly body: readonly Stmt[]
  readonly decorators: readonly Expr[]
  /** Callable from outside the file. */
  readonly open: boolean
  /** Whose parameter is the object it belongs to: `self`. */
  readonly own?: string
}

export type Stmt = Place &
  (
    | {
        readonly k: 'bind'
        readonly target: Target
        readonly value: Expr
        /** `=`, `+=`, or anything else that changes the target. */
        readonly how: 'set' | 'append' | 'change'
        /** Declares the name in the innermost block. */
        readonly declares?: 'constant' | 'variable'
        readonly type?: string
      }
    | { readonly k: 'do'; readonly value: Expr }
    | { readonly k: 'if'; readonly test: Expr; readonly body: readonly Stmt[]; readonly otherwise: readonly Stmt[] }
    | {
        readonly k: 'loop'
        readonly target?: Target
        readonly over?: Expr
        readonly test?: Expr
        readonly body: readonly Stmt[]
      }
    | { readonly k: 'return'; readonly value?: Expr }
    /** throw, raise, break, continue, exit. */
    | { readonly k: 'leave'; readonly value?: Expr }
    | { readonly k: 'assert'; readonly test: Expr }
    | { readonly k: 'switch'; readonly subject?: Expr; readonly cases: readonly Case[] }
    | { readonly k: 'block'; readonly body: readonly Stmt[] }
    | { readonly k: 'try'; readonly body: readonly Stmt[]; readonly handlers: readonly (readonly Stmt[])[] }
    | { readonly k: 'define'; readonly name: string; readonly fn: Func }
    | { readonly k: 'class'; readonly name: string; readonly bases: readonly Expr[]; readonly body: readonly Stmt[] }
    /** A declared type whose values have these members. */
    | { readonly k: 'shape'; readonly name: string; readonly members: readonly Member[] }
    | { readonly k: 'import'; readonly name: string; readonly path: string }
  )

/** A member of a type, with the name of its own. */
export type Member = readonly [name: string, type: string]

export interface Case {
  /** None: the default. */
  readonly labels: readonly Expr[]
  readonly body: readonly Stmt[]
}

/** A file as read. `complete` is false when parts of it were skipped. */
export interface SourceUnit {
  readonly body: readonly Stmt[]
  readonly complete: boolean
  /** UTF-16 units of the text. */
  readonly size: number
}
