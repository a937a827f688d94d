import { named, positional } from './given.ts'
import { constantText, joinValues, type Given, type Value } from './value.ts'

/** Programs that read what they run from their input. */
const SHELL = /^(?:\S*\/)?(?:ba|z|da|k|a)?sh(?:\s+-[se]+)*$|^(?:\S*\/)?(?:powershell|pwsh)(?:\.exe)?$/
const PLAIN_OPTION = /^-[seux]+$|^-$|^-o$|^pipefail$|^--(?:login|norc|noprofile|posix)$/

/** Starts a program and gives it a text to read. */
const STARTS =
  /^(?:subprocess\.(?:run|check_output|call|check_call|Popen)|child_process\.(?:execFileSync|spawnSync|execSync|exec|spawn|execFile)|execa(?:\.\w+)?|Open3\.(?:capture2e?|capture3)|os\/exec\.Command(?:Context)?|asyncio\.create_subprocess_exec|IO\.popen)$/
const STARTED = /^(?<start>.+?)\(\)(?:\.stdin)?$/
/** Write to their first argument. */
const PRINTS = /^(?:io\.WriteString|fmt\.(?:Fprintf|Fprintln|Fprint))$/
const FEEDS = /^(?:write|writelines|end|communicate|puts|print|<<|Write|WriteString)$/

/** Whether a program is a shell without a script of its own. */
function isBareShell(given: readonly Given[]): boolean {
  const words = given
    .filter(({ name, value }) => (name === undefined || name === 'args') && value.fields === undefined)
    .flatMap(({ value }) => value.items ?? [value])
  // `CommandContext(ctx, "sh")`, an environment in front
  const texts = words.map((word) => constantText(word))
  const at = texts.findIndex((text) => text !== undefined && SHELL.test(text))
  return at >= 0 && at < 2 && texts.slice(at + 1).every((text) => text !== undefined && PLAIN_OPTION.test(text))
}

/** What a shell reads from its input: `run(["sh"], input=x)`, `spawn("sh").stdin.write(x)`; undefined: it is no shell. */
export function fedShell(path: string, receiver: Value | undefined, given: readonly Given[]): Value | undefined {
  if (STARTS.test(path)) {
    const input = named(given, 'input') ?? named(given, 'stdin_data')
    return input !== undefined && isBareShell(given) ? input : undefined
  }
  if (PRINTS.test(path)) {
    const [target, ...texts] = given
    return target !== undefined && isFedShell(target.value) ? joinValues(texts.map(({ value }) => value)) : undefined
  }
  if (receiver?.made === undefined || !FEEDS.test(path.slice(path.lastIndexOf('.') + 1))) return undefined
  return isFedShell(receiver) ? (named(given, 'input') ?? positional(given, 0)) : undefined
}

/** A shell that was started, or its input. */
export function isFedShell({ path = '', made }: Value): boolean {
  const start = STARTED.exec(path)?.groups?.['start']
  return made !== undefined && start !== undefined && STARTS.test(start) && isBareShell(made)
}
