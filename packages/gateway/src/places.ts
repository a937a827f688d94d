import { fileURLToPath } from 'node:url'

/**
 * Where the files lie that ship beside the code. This module stands at the top of `src`, of `dist` and of `bundle`
 * (scripts/bundle.mjs sees to it), so the package is one directory up from all of them.
 */
const inPackage = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What is installed, with `sealed.json`. */
export const PACKAGE = inPackage('')
/** The program that people and hosts start. */
export const PROGRAM = inPackage('bin/sallyport.js')
/** What the program runs. */
export const BUNDLE = inPackage('bundle/')
/** The hook client for machines without curl. */
export const HOOK_ENTRY = inPackage('dist/cli/hook/entry.js')
/** The built console. */
export const CONSOLE = inPackage('console/')
/** Shown in sandboxes, for Node to find the way out. */
export const NODE_PROXY = inPackage('inside/node-proxy.cjs')
export const WEIGHTS = inPackage('weights/injection.bin')
export const GRAMMARS = inPackage('grammars/')
/** `rules/` and `policies/` of the checkout. */
export const RULES = inPackage('../../rules/')
export const POLICIES = inPackage('../../policies/')
