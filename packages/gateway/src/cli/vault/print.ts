import { isJsonObject, type Json } from '@sallyport/core'
import { fieldsOf } from '../agents/answers.ts'
import type { CliIo } from '../command.ts'

const MEMBERS = ['name', 'type', 'state', 'version', 'createdAt', 'expiresAt', 'by', 'master', 'usedBy'] as const

/** What may be known of a value. */
export function printSecret(io: CliIo, answer: Json): void {
  if (io.json) io.out(JSON.stringify(answer))
  else if (isJsonObject(answer))
    io.out(
      fieldsOf(
        { ...answer, ...datesOf(answer) },
        MEMBERS.filter((key) => key in answer),
      ),
    )
}

/** Times in ms since 1970 as people read them. */
export const datesOf = (item: Readonly<Record<string, Json>>): Record<string, string> =>
  Object.fromEntries(
    ['createdAt', 'expiresAt', 'since']
      .filter((key) => typeof item[key] === 'number')
      .map((key) => [key, new Date(item[key] as number).toISOString()]),
  )
