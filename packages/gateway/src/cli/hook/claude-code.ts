import { CLAUDE_CODE } from '../../hosts/claude-code.ts'
import { answerEvent } from './answer-event.ts'

export const run = answerEvent(CLAUDE_CODE)
