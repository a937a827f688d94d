import { isJsonObject, type ArgRole, type Effect, type JsonObject, type RegisteredTool } from '@sallyport/core'
import { z } from 'zod'
import { registeredTool } from '../../control/catalogue/registry.ts'

const effect = z.enum(['read', 'write', 'external'])
/** A role that we do not know counts as the worst. */
const role = z.enum(['sink', 'content', 'selector', 'param', 'audience', 'quantity', 'secret']).catch('sink')

/** A tool manifest of a replay folder: the definition and what a deployer says of it. */
export const toolManifest = z.object({
  suite: z.string().optional(),
  toolkit: z.string().optional(),
  name: z.string(),
  description: z.string().default(''),
  input_schema: z.record(z.string(), z.unknown()).default({}),
  effect,
  effect_rules: z.array(z.object({ when: z.object({ arg: z.string(), is: z.string() }), effect })).default([]),
  reads_untrusted: z.boolean().default(false),
  returns_private: z.boolean().default(false),
  returns_untrusted_echo: z.boolean().default(false),
  egress: z.boolean().default(false),
  destructive: z.boolean().default(false),
  security_sensitive: z.boolean().default(false),
  access_grant: z.boolean().default(false),
  arg_roles: z.record(z.string(), role).optional(),
  sinks: z.array(z.string()).optional(),
})
export type ToolManifest = z.infer<typeof toolManifest>

/** An amount of something commits it: how much counts as much as to whom. */
const AMOUNT = /(^|_)(amount|price|total|sum|quantity|limit|budget)$/i

/** The manifest as the gateway's own annotation (D6 of the configuration: `servers.NAME.tools`). */
export function annotated(manifest: ToolManifest, server: string): RegisteredTool {
  const reaches: Effect = manifest.egress && manifest.effect === 'read' ? 'external' : manifest.effect
  const narrower = manifest.effect_rules
    .filter(({ when }) => when.is === 'empty_or_absent')
    .map(({ when, effect: to }) => ({ absent: when.arg, effect: to }))
  return registeredTool({
    server,
    definition: {
      name: manifest.name,
      description: manifest.description,
      inputSchema: closed(manifest.input_schema as JsonObject),
    },
    pin: 'replay',
    elevated: false,
    annotation: {
      effect: reaches,
      groups: [],
      args: rolesOf(manifest),
      irreversible: manifest.destructive,
      persist: false,
      ...(manifest.security_sensitive ? { sensitive: true } : {}),
      ...(narrower.length === 0 ? {} : { narrower }),
      result: {
        integrity: manifest.reads_untrusted || manifest.returns_untrusted_echo ? 1 : 2,
        confidentiality: manifest.returns_private ? 2 : 0,
      },
    },
  })
}

function rolesOf({
  arg_roles: given,
  sinks,
  input_schema: schema,
  effect: kind,
}: ToolManifest): Record<string, ArgRole> {
  if (given !== undefined) {
    return Object.fromEntries(
      Object.entries(given).map(([name, as]) => [name, as === 'param' && AMOUNT.test(name) ? 'quantity' : as]),
    )
  }
  // a manifest that names only its sinks: the rest of a change says which and what, the rest of a read is plain
  const { properties } = schema
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  const rest: ArgRole = kind === 'read' ? 'param' : 'selector'
  return Object.fromEntries(
    names.map((name) => [name, sinks?.includes(name) === true ? 'sink' : AMOUNT.test(name) ? 'quantity' : rest]),
  )
}

/** Recorded arguments are played as they are: a replay tests policy, not the schemas of a benchmark. */
const closed = (schema: JsonObject): JsonObject => ({
  type: 'object',
  properties: isJsonObject(schema['properties']) ? open(schema['properties']) : {},
})
const open = (properties: JsonObject): JsonObject =>
  Object.fromEntries(Object.keys(properties).map((name) => [name, {}]))
