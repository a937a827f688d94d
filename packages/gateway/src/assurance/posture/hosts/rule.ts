import type { Json, PostureSeverity } from '@sallyport/core'
import type { SettingsPath } from '../../../hosts/settings-text.ts'
import type { SettingRule } from './host-table.ts'

/** Reasons that many settings share. */
export const WHY = {
  noQuestion: 'What a page, an issue or a file tells the agent to do is done without anybody looking.',
  wide: 'Whatever the model makes of such a call is allowed beforehand.',
  unconfined: 'A command of the agent has all rights of the account: keys, mail, other projects.',
  noHooks: 'Hooks are what asks the gateway; without them nothing is asked.',
  repository: 'Whoever can change the repository chooses what runs here.',
  redirect: 'Prompts, code and keys pass whoever runs that address.',
  debugger: 'Whoever reaches the port runs code in the process and reads what it holds.',
} as const

/** `at` is written with dots, `*` for any key or index; a key that holds dots stands in brackets: `[chat.tools.autoApprove]`. */
export const rule = (
  id: string,
  severity: PostureSeverity,
  at: string,
  bad: SettingRule['bad'],
  what: string,
  why: string,
  remedy: string,
  fix?: 'remove' | { readonly set: Json },
): SettingRule => ({ id, severity, at: pathOf(at), bad, what, why, remedy, ...(fix === undefined ? {} : { fix }) })

export const pathOf = (text: string): SettingsPath =>
  [...text.matchAll(/\[([^\]]+)\]|([^.[\]]+)/g)].map(([, bracketed, plain]) => bracketed ?? plain ?? '')

export const is =
  (...values: readonly Json[]): SettingRule['bad'] =>
  (value) =>
    values.includes(value as Json)

export const matches =
  (pattern: RegExp): SettingRule['bad'] =>
  (value) =>
    typeof value === 'string' && pattern.test(value)

/** A list with such an entry, or an object with such a key that is not switched off. */
export const holds =
  (pattern: RegExp): SettingRule['bad'] =>
  (value) =>
    namesOf(value).some((name) => pattern.test(name))

const namesOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value))
    return value.flatMap((item: unknown): readonly string[] =>
      typeof item === 'string'
        ? [item]
        : typeof item === 'object' && item !== null
          ? Object.values(item).filter(isText)
          : [],
    )
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, on]) => (on === false || on === null || isDenied(on) ? [] : [name]))
}
const isText = (value: unknown): value is string => typeof value === 'string'
const isDenied = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Reflect.get(value, 'approve') === false

/** The root of a disk, or a whole home directory. */
export const EVERYWHERE =
  /^(?:\/|~|~\/|\$HOME\/?|\$\{(?:HOME|userHome)\}\/?|%USERPROFILE%|[A-Z]:[\\/]?|\/(?:home|Users)(?:\/[^/]+)?\/?|\/root\/?|\*+)$/i

/** An address that is not this machine. */
export const isForeign: SettingRule['bad'] = (value) =>
  typeof value === 'string' && /^(?:https?|wss?):\/\//i.test(value) && !LOCAL.test(value)
const LOCAL = /^(?:https?|wss?):\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|[\w-]+\.localhost)(?:[:/]|$)/i
