import type { SettingRule } from '../../host-table.ts'
import { CHANNELS, HOOKS } from './channels.ts'
import { claw, WARN } from './claw.ts'
import { GATEWAY } from './gateway.ts'
import { OTHER } from './other.ts'
import { SANDBOX } from './sandbox.ts'
import { TOOLS } from './tools.ts'

const NAMED = new Set(
  [...GATEWAY, ...HOOKS, ...CHANNELS, ...OTHER]
    .map(({ at: path }) => String(path.at(-1)))
    .filter((key) => /^(?:dangerous|allow(?:Insecure|Unsafe))/.test(key)),
)

/** Flags whose names say what they are, wherever they stand and whatever is built next. */
const FLAGS: SettingRule = claw(
  'dangerous_flag',
  WARN,
  '',
  (value) => flagsOf(value, 0).some((name) => !NAMED.has(name)),
  'A flag is set that says itself that it is dangerous.',
  'Flags of this kind switch a protection off.',
  'Remove every flag that begins with dangerous, allowInsecure or allowUnsafe.',
)

function flagsOf(value: unknown, depth: number): readonly string[] {
  if (typeof value !== 'object' || value === null || depth > 20) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === true && /^(?:dangerous|allowInsecure|allowUnsafe)/.test(key) ? [key] : flagsOf(inner, depth + 1),
  )
}

/** `openclaw.json`. */
export const OPENCLAW_RULES: readonly SettingRule[] = [
  ...GATEWAY,
  ...HOOKS,
  ...CHANNELS,
  ...SANDBOX,
  ...TOOLS,
  ...OTHER,
  FLAGS,
]
