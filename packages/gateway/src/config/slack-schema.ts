import { z } from 'zod'

/** Questions in a Slack-shaped chat, with buttons (threat-model §3.6). */
export const slackSchema = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).describe('Incoming webhook of the app, as ${env:NAME}.'),
    signingSecret: z
      .string()
      .min(16)
      .describe('Signing secret of the app, as ${env:NAME}: what presses are signed with.'),
    people: z
      .record(
        z.string().regex(/^[A-Z0-9]{2,32}$/, 'an id of a person, as U012AB3CD'),
        z.string().regex(/^[a-z0-9._-]{1,32}$/, 'the name of an operator'),
      )
      .refine((people) => Object.keys(people).length > 0, 'say who may answer')
      .describe('Slack’s id of a person → operator. They may deny, and approve up to medium severity.'),
  })
  .describe('Each new question goes to this channel; presses come back through a relay to the operator socket.')
