import { isJsonObject, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { HookCommand, HookFile, InstalledHook } from './host.ts'
import { JsonText } from './json-text.ts'

/** In every command line that `init` writes: how install, undo and doctor know our own entries. */
export const HOOK_MARK = 'SALLYPORT_HOOK='

interface HookEntry {
  readonly native: string
  readonly gate: boolean
  readonly matcher?: string
}

interface MatcherFile {
  readonly path: string
  readonly events: readonly HookEntry[]
  readonly timeoutSeconds: number
  readonly observeTimeoutSeconds: number
  /** Members that the host offers against its own fail-open default. */
  readonly hardening: JsonObject
}

/**
 * Hook files of the form `hooks.<Event>[]{matcher, hooks[]{type, command, timeout}}` (Claude Code settings, Codex
 * hooks.json). Our entry is a group of its own at the end, so that undo takes out exactly what install put in.
 */
export function matcherHookFile(form: MatcherFile): HookFile {
  return {
    path: form.path,
    install(before, command) {
      let file = before === undefined || before.trim() === '' ? new JsonText('{}\n') : new JsonText(withoutOurs(before))
      for (const entry of form.events) {
        const path = ['hooks', entry.native]
        const present = file.get(path)
        if (present !== undefined && !Array.isArray(present)) throw notList(entry.native)
        const group = groupOf(form, entry, command)
        file = present === undefined ? file.set(path, [group]) : file.set([...path, present.length], group, true)
      }
      return file.text
    },
    uninstall: withoutOurs,
    installed(text) {
      const found: Record<string, readonly InstalledHook[]> = {}
      for (const { native } of form.events) found[native] = ours(new JsonText(text), native).map(({ hook }) => hook)
      return found
    },
  }
}

function groupOf(form: MatcherFile, entry: HookEntry, command: HookCommand): Json {
  return {
    ...(entry.matcher === undefined ? {} : { matcher: entry.matcher }),
    hooks: [
      {
        type: 'command',
        command: entry.gate ? command.gate : command.observe,
        timeout: entry.gate ? form.timeoutSeconds : form.observeTimeoutSeconds,
        ...form.hardening,
      },
    ],
  }
}

interface Found {
  readonly group: number
  readonly at: number
  readonly alone: boolean
  readonly hook: InstalledHook
}

function ours(file: JsonText, native: string): readonly Found[] {
  const groups = file.get(['hooks', native])
  if (groups === undefined) return []
  if (!Array.isArray(groups)) throw notList(native)
  return groups.flatMap((group: unknown, index) => {
    const hooks = isJsonObject(group) && Array.isArray(group['hooks']) ? (group['hooks'] as readonly Json[]) : []
    const matcher = isJsonObject(group) ? text(group['matcher']) : undefined
    return hooks.flatMap((hook, at) =>
      isJsonObject(hook) && text(hook['command'])?.includes(HOOK_MARK) === true
        ? [{ group: index, at, alone: hooks.length === 1, hook: describe(hook, matcher) }]
        : [],
    )
  })
}

const describe = (hook: JsonObject, matcher: string | undefined): InstalledHook => ({
  command: text(hook['command']) ?? '',
  matcher,
  timeoutSeconds: typeof hook['timeout'] === 'number' ? hook['timeout'] : undefined,
  onFailure: text(hook['onFailure']),
  async: hook['async'] === true,
})

/** Takes our entries out again, and the lists and objects that held nothing else. */
function withoutOurs(before: string): string {
  let file = new JsonText(before)
  const hooks = file.get(['hooks'])
  if (!isJsonObject(hooks)) return before
  for (const native of Object.keys(hooks)) {
    if (!Array.isArray(hooks[native])) continue
    const found = ours(file, native)
    for (const { group, at, alone } of found.toReversed()) {
      file = file.set(alone ? ['hooks', native, group] : ['hooks', native, group, 'hooks', at], undefined)
    }
    const left = file.get(['hooks', native])
    if (found.length > 0 && Array.isArray(left) && left.length === 0) file = file.set(['hooks', native], undefined)
  }
  const left = file.get(['hooks'])
  const emptied = isJsonObject(left) && Object.keys(left).length === 0 && Object.keys(hooks).length > 0
  return emptied ? file.set(['hooks'], undefined).text : file.text
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const notList = (native: string): SallyportError =>
  new SallyportError('SP_CONFIG_INVALID', `"hooks.${native}" is not a list.`)
