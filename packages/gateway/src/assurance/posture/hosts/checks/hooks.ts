import { isJsonObject, type PostureFinding, type PostureSeverity } from '@sallyport/core'
import { HOOK_MARK } from '../../../../hosts/hook-file.ts'
import { valueAt, valuesAt, type SettingsPath } from '../../../../hosts/settings-text.ts'
import type { OpenFile } from '../open-place.ts'

/** One hook of a file. */
export interface FoundHook {
  readonly event: string
  readonly command: string
  readonly ours: boolean
  readonly gate: boolean
  readonly path: SettingsPath
  readonly matcher: string | undefined
  readonly value: Readonly<Record<string, unknown>>
}

/** Every hook of a file, in whichever form its host has. */
export function hooksOf({ place, settings }: OpenFile): readonly FoundHook[] {
  const form = place.hooks
  if (form === undefined || settings === undefined) return []
  return valuesAt(settings.value, ['hooks', '*', '*']).flatMap(({ path, value }): readonly FoundHook[] => {
    const event = String(path[1])
    const gate = form.gates.includes(event)
    const matcher = textOf(valueAt(value, ['matcher']))
    const entries =
      form.form === 'matcher'
        ? valuesAt(value, ['hooks', '*']).map((entry) => ({ path: [...path, ...entry.path], value: entry.value }))
        : [{ path, value }]
    return entries.flatMap((entry): readonly FoundHook[] => {
      if (!isJsonObject(entry.value)) return []
      const args: unknown = valueAt(entry.value, ['args'])
      const words = [
        ...['command', 'bash', 'powershell', 'url', 'tool'].map((key) => valueAt(entry.value, [key])),
        ...(Array.isArray(args) ? args : []),
      ]
      const command = words.flatMap((word) => textOf(word) ?? []).join(' ')
      return [
        {
          event,
          gate,
          matcher,
          path: entry.path,
          value: entry.value,
          command,
          ours: command.includes(HOOK_MARK),
        },
      ]
    })
  })
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Hooks of one file that are looked at; more than anybody has. */
const MOST = 300

/** Hooks that let calls through when they fail, or never see them (T-043). */
export function hookFindings(open: OpenFile): readonly PostureFinding[] {
  const { host, place, file, settings } = open
  return hooksOf(open)
    .slice(0, MOST)
    .flatMap((hook): readonly PostureFinding[] => {
      const found: PostureFinding[] = []
      const say = (severity: PostureSeverity, detail: string, remediation: string, fix?: PostureFinding['fix']): void =>
        void found.push({
          id: 'hosts.hook_fails_open',
          severity,
          subject: `${host.title}: ${hook.event}`,
          detail,
          why: 'A call that a hook did not stop runs; making a hook fail or be late is easy.',
          remediation,
          file: file.path,
          line: settings?.lineOf(hook.path) ?? 1,
          ...(fix === undefined || place.scope === 'managed' || place.format === 'toml' ? {} : { fix }),
        })
      const grave = hook.ours ? 'high' : 'medium'
      if (hook.gate) {
        const closed = place.hooks?.closed
        if (hook.value['async'] === true)
          say(grave, 'It is asynchronous, so that it cannot stop a call.', 'Remove async.', {
            kind: 'remove',
            file: file.path,
            at: [...hook.path, 'async'],
          })
        if (closed !== undefined && hook.value[closed.member] !== closed.value)
          say(
            grave,
            `A hook that crashes, hangs or is missing lets the call through: ${closed.member} is not ${JSON.stringify(closed.value)}.`,
            `Set ${closed.member} to ${JSON.stringify(closed.value)}.`,
            { kind: 'set', file: file.path, at: [...hook.path, closed.member], value: closed.value },
          )
        else if (closed === undefined)
          say(
            'info',
            'This host lets a call through when its hook is late, and no setting changes that: the hook is observe-only.',
            `Start the agent with \`sallyport run -- ${PROGRAMS[host.id] ?? host.id}\` as well.`,
          )
        if (hook.matcher !== undefined && !['*', '.*', '', '**'].includes(hook.matcher))
          say(
            hook.ours ? 'high' : 'low',
            `It sees only the tools that fit ${JSON.stringify(hook.matcher.slice(0, 80))}.`,
            'Let the matcher fit every tool.',
          )
        const timeout = hook.value['timeout']
        if (hook.ours && (typeof timeout !== 'number' || timeout < 4))
          say('high', 'Its time limit is missing, or too short for an answer.', 'Run `sallyport init` again.')
      }
      if (place.scope === 'project' && !hook.ours)
        found.push({
          id: 'hosts.project_overrides_user',
          severity: 'high',
          subject: `${host.title}: ${hook.event}`,
          detail: 'The project runs a command as a hook.',
          why: 'Whoever can change the repository runs commands on the machines of all who open it.',
          remediation: 'Read the command before the agent is started here.',
          file: file.path,
          line: settings?.lineOf(hook.path) ?? 1,
        })
      return found
    })
}

const PROGRAMS: Readonly<Record<string, string>> = {
  'claude-code': 'claude',
  'copilot-cli': 'copilot',
  'gemini-cli': 'gemini',
}

/** Programs that a command line names by an absolute path. */
export const programsOf = (command: string, home: string): readonly string[] =>
  [...command.matchAll(/'((?:\/|~\/)[^']+)'|"((?:\/|~\/)[^"]+)"|(?:^|[\s=])((?:\/|~\/)[^\s'";|&<>]+)/g)]
    .map(([, single, double, plain]) => (single ?? double ?? plain ?? '').replace(/^~(?=\/)/, home))
    .filter((path) => !/^\/(?:usr\/)?s?bin\/|^\/dev\//.test(path))
