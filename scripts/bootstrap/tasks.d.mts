export declare const tasks: Readonly<
  Record<string, { readonly command?: (args: readonly string[]) => readonly string[] } | undefined>
>
