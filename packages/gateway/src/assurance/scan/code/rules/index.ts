import type { Rule } from '../rule.ts'
import { CIPHER, DIGEST, RANDOM, STRENGTH } from './crypto.ts'
import { OBJECTS } from './deserialization.ts'
import { CODE, TEMPLATE } from './execution-code.ts'
import { MODULE, PROGRAM } from './execution-other.ts'
import { SHELL } from './execution-shell.ts'
import { HOST } from './network.ts'
import { ARCHIVE, PATH } from './paths.ts'
import { CLAUSE, STATEMENT } from './sql.ts'
import { VERIFICATION } from './verification.ts'

/** Rules on calls and settings; credentials are found in `credentials.ts`. */
export const RULES: readonly Rule[] = [
  SHELL,
  PROGRAM,
  MODULE,
  CODE,
  TEMPLATE,
  HOST,
  OBJECTS,
  STATEMENT,
  CLAUSE,
  DIGEST,
  CIPHER,
  RANDOM,
  STRENGTH,
  VERIFICATION,
  PATH,
  ARCHIVE,
]
