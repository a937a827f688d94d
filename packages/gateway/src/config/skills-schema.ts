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
    unknown: z
      .enum(['allow', 'deny'])
      .default('allow')
      .describe(
        'What happens when a host loads a skill by a call (`Skill` of Claude Code) that was never taken in here. One that waits for a review, is blocked, refused or changed is always denied; skills in folders under `watch` are always taken in.',
      ),
    interval: duration
      .default(300_000)
      .describe('How often everything is hashed anew, whether or not a change was noticed; at least a second.'),
  })
  .prefault({})
  .describe('Skills that are admitted here, and folders that are watched.')
