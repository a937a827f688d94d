import type { Special } from '../scene.ts'
import { CLOUD_SPECIALS } from './cloud.ts'
import { CONTAINER_SPECIALS } from './containers.ts'
import { DEVELOPMENT_SPECIALS } from './development.ts'
import { FILE_SPECIALS } from './files.ts'
import { INTERPRETER_SPECIALS } from './interpreters.ts'
import { NETWORK_SPECIALS } from './network.ts'
import { SEARCH_SPECIALS } from './search.ts'
import { SHELL_SPECIALS } from './shell.ts'
import { SYSTEM_SPECIALS } from './system.ts'

/** Programs of which a description by options and operands does not say enough. */
export const SPECIALS: ReadonlyMap<string, Special> = new Map(
  [
    FILE_SPECIALS,
    SEARCH_SPECIALS,
    NETWORK_SPECIALS,
    SHELL_SPECIALS,
    INTERPRETER_SPECIALS,
    CONTAINER_SPECIALS,
    CLOUD_SPECIALS,
    DEVELOPMENT_SPECIALS,
    SYSTEM_SPECIALS,
  ]
    .flatMap((table) => Object.entries(table))
    .flatMap(([names, special]) => names.split(' ').map((name): [string, Special] => [name, special])),
)
