import { z } from 'zod'
import { duration } from './parts.ts'

export const skillsSchema = z
  .strictObject({
    watch: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Folders in which agents look for skills, as `~/.claude/skills`. What is new there, or is not what was reviewed, is scanned, put into quarantine and told; nothing in them is touched.',
      ),
    interval: duration
      .default(300_000)
      .describe('How often everything is hashed anew, whether or not a change was noticed; at least a second.'),
  })
  .prefault({})
  .describe('Skills that are admitted here, and folders that are watched.')
