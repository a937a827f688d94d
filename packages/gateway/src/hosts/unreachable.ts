import { encodeSharedAnswer } from './answer.ts'
import type { NativeAnswer } from './event.ts'

/** Shown when no gateway answered. Static: the hook script prints it without asking anybody. */
const UNREACHABLE_REASON =
  'Sallyport denied this call because its gateway did not answer or refused this agent (SP_AUTHZ_UNAVAILABLE). Unless it runs, it is being ' +
  'started; retry in a few seconds. If that does not help, the user should run: sallyport doctor'

/** Shown to the user when an event that only reports found nobody. */
export const UNREACHABLE_NOTE =
  'Sallyport: the gateway did not answer, so tool calls will be denied until it runs. Start it with: sallyport up'

export const unreachable = (native: string): NativeAnswer =>
  encodeSharedAnswer({ event: 'tool.before', native }, { kind: 'deny', reason: UNREACHABLE_REASON })
