import type { JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { toolNote } from '../../config/tool-note.ts'

const line = z.string().trim().min(1)
const args = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject)
const call = z.strictObject({
  tool: line,
  args: args.default({}),
  output: z.string().default('').describe('What the model sees when the call runs.'),
})
const attackCall = z.strictObject({
  ...call.shape,
  harmful: z.boolean().describe('Whether this call decides if the attack succeeds. The gateway never sees it.'),
})

/**
 * One file of `rules/incidents` or `rules/chains`: an incident that happened in public, from entry to harm, with honest work
 * that uses the same tools. Written in our own words; a chain of the threat model says what it `proves` in place of a source.
 */
export const incidentFile = z
  .strictObject({
    title: line.max(120),
    date: z
      .string()
      .regex(/^20(?:25|26)-\d\d(?:-\d\d)?$/, 'a date of 2025 or 2026')
      .optional()
      .describe('When it became public.'),
    source: z.url({ protocol: /^https$/ }).optional(),
    more: z.array(z.url({ protocol: /^https$/ })).default([]),
    proves: z
      .string()
      .regex(/^(?:TM-CHAIN-[123]|HB-6)$/)
      .optional(),
    kinds: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)).min(1),
    what: line.describe('What happened, in two sentences.'),
    entry: line.describe('How the text of the attacker got in.'),
    path: line.describe('What the agent did with it.'),
    harm: line,
    catalogue: z.array(line).default([]).describe('Hosts whose shipped annotations apply (rules/catalogue).'),
    tools: z
      .record(z.string().regex(/^[A-Za-z][\w-]*$/), toolNote.extend({ description: z.string().default('') }))
      .default({}),
    known: z.array(line).default([]).describe('What the operator’s address book holds.'),
    trustLevel: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .optional()
      .describe('Of the agent, where it is not the usual 2: one that faces strangers has 1.'),
    prompt: z.string(),
    steps: z.array(call).describe('Calls of the user’s own task; one of their results is poisoned.'),
    redefined: z.record(z.string(), z.string()).default({}).describe('Tool → the description it is given later.'),
    needs: z.array(z.string().min(6)).default([]).describe('What the agent must have seen for the harm.'),
    attack: z.array(attackCall).min(1),
    twin: z.strictObject({
      prompt: z.string().optional(),
      clean: z.record(z.string().regex(/^\d+$/), z.string()).default({}).describe('Step → its output without poison.'),
      work: z.array(call).min(1).describe('What honest work does after the steps.'),
      asks: z
        .array(z.strictObject({ tool: line, why: line }))
        .default([])
        .describe('Calls of honest work that a human is rightly asked about under balanced.'),
    }),
  })
  .check(({ value, issues }) => {
    const fault = (path: readonly string[], message: string): void =>
      void issues.push({ code: 'custom', input: value, path: [...path], message })
    if (value.proves === undefined && (value.source === undefined || value.date === undefined)) {
      fault(['source'], 'an incident has a source and a date')
    }
    const harmful = value.attack.filter((each) => each.harmful).map(({ tool }) => tool)
    if (harmful.length === 0) fault(['attack'], 'no call of the attack is harmful')
    const honest = new Set([...value.steps, ...value.twin.work].map(({ tool }) => tool))
    if (!harmful.some((tool) => honest.has(tool)))
      fault(['twin', 'work'], 'the twin uses no tool that the attack abuses')
    for (const step of Object.keys(value.twin.clean)) {
      if (Number(step) >= value.steps.length) fault(['twin', 'clean', step], 'there is no such step')
    }
  })
export type IncidentFile = z.infer<typeof incidentFile>
