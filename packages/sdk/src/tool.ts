import { SallyportError, type ArgRole, type Effect, type JsonObject } from '@sallyport/core'

/** How a tool of this program is described to the gateway. All of it is part of the tool's pin. */
export interface ToolSpec {
  /** `[A-Za-z0-9_.-]{1,64}`; policies see `sdk-<agent>.<name>`. */
  readonly name: string
  /** Absent: `external`, the strictest. */
  readonly effect?: Effect
  readonly description?: string
  /** JSON Schema of the arguments. Absent: any object. */
  readonly inputSchema?: JsonObject
  /** What each argument is for; those not named count as places where data goes (`sink`). */
  readonly args?: Readonly<Record<string, ArgRole>>
  readonly irreversible?: boolean
  /** Leaves something behind that acts later: a cron job, a memory, a hook. */
  readonly persist?: boolean
}

/** The form `POST /v1/tools` takes. */
export type RegisteredForm = JsonObject & { readonly name: string }

/** @throws SallyportError SP_SDK_UNSAFE */
export function registration(spec: ToolSpec): RegisteredForm {
  const { name, effect = 'external', description, inputSchema = { type: 'object' }, args = {} } = spec
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
    throw new SallyportError('SP_SDK_UNSAFE', `${JSON.stringify(name.slice(0, 80))} is not a tool name.`)
  }
  return {
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema,
    effect,
    args,
    irreversible: spec.irreversible ?? false,
    persist: spec.persist ?? false,
  }
}
