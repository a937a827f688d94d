import { CONTAINER_PROGRAMS } from './programs/containers.ts'
import { DEVELOPMENT_PROGRAMS } from './programs/development.ts'
import { FILE_PROGRAMS } from './programs/files.ts'
import { LANGUAGE_PROGRAMS } from './programs/languages.ts'
import { NETWORK_PROGRAMS } from './programs/network.ts'
import { SYSTEM_PROGRAMS } from './programs/system.ts'
import { readSpecs, type ProgramSpec } from './program-spec.ts'

/** Later lines win, so that a list of many may be followed by what is special about one. */
const SPECS: ReadonlyMap<string, ProgramSpec> = new Map(
  [NETWORK_PROGRAMS, CONTAINER_PROGRAMS, DEVELOPMENT_PROGRAMS, SYSTEM_PROGRAMS, FILE_PROGRAMS, LANGUAGE_PROGRAMS]
    .flat()
    .flatMap((line) => readSpecs(line))
    .map((spec) => [spec.name, spec]),
)

const LONGEST_NAME = 4

/** Number of programs and subcommands with a description. */
export const knownProgramCount = SPECS.size

/**
 * Description of a program: that of the longest subcommand named by its first operands, else its own, else none.
 * @param operands literal words after the program that are no options, in order
 * @returns the description and how many operands belong to the name
 */
export function describeProgram(
  program: string,
  operands: readonly string[],
): { readonly spec: ProgramSpec | undefined; readonly subcommand: number } {
  for (let count = Math.min(LONGEST_NAME - 1, operands.length); count > 0; count--) {
    const spec = SPECS.get([program, ...operands.slice(0, count)].join(' '))
    if (spec !== undefined) return { spec, subcommand: count }
  }
  return { spec: SPECS.get(program) ?? versioned(program), subcommand: 0 }
}

/** `python3.12`, `gcc-13`, `clang++-17`, `ld-linux-x86-64.so.2`. */
function versioned(program: string): ProgramSpec | undefined {
  const bare = program.replace(/[-.]?\d+(?:\.\d+)*$/, '')
  if (bare !== program && SPECS.has(bare)) return SPECS.get(bare)
  if (/^(?:ld-(?:linux|musl)[\w-]*|ld64|ld)\.so(?:\.\d+)?$/.test(program)) return SPECS.get('ld.so')
  if (program.startsWith('mkfs.')) return SPECS.get('mkfs')
  const shorter = program.replace(/\.(?:exe|com|cmd|bat)$/i, '')
  return shorter === program ? undefined : SPECS.get(shorter.toLowerCase())
}
