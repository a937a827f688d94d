export declare const GROUPS: Readonly<
  Record<string, { readonly tests: readonly string[]; readonly mutants: readonly string[] }>
>
