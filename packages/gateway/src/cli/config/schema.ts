import { z } from 'zod'
import { configSchema } from '../../config/schema.ts'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io) => {
  const schema = { title: 'sallyport.yaml', ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) }
  io.out(JSON.stringify(schema, null, io.json ? 0 : 2))
  return 0
}
