import { CODEX } from '../../hosts/codex.ts'
import { answerEvent } from './answer-event.ts'

export const run = answerEvent(CODEX)
