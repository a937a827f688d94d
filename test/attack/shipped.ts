import { fileURLToPath } from 'node:url'
import { readIncidents } from '../../packages/gateway/src/assurance/attack/incidents.ts'

const RULES = fileURLToPath(new URL('../../rules/', import.meta.url))

/** Every shipped incident and chain. */
export const incidents = [`${RULES}incidents`, `${RULES}chains`].flatMap((directory) => readIncidents(directory))
