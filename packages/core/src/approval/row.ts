import type { ViewRow } from './view.ts'

/** A row of text that is escaped already. */
export const row = (label: string, text: string, type = ''): ViewRow => ({ label, type, text, depth: 0, warnings: [] })
