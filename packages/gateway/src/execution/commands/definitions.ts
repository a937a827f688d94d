import type { ToolDefinition } from '@sallyport/core'

/** One command of the configuration. */
export interface CommandNote {
  /** Words of a command with `{arg}` in one of them; absent: the caller gives a whole command line. */
  readonly template?: string | undefined
  readonly about: string
}

export const EXEC_ARGUMENT = 'command'
export const TEMPLATE_ARGUMENT = 'arg'
const LONGEST = 65_536

/** The commands of a server as MCP tools. */
export const commandDefinitions = (commands: Readonly<Record<string, CommandNote>>): readonly ToolDefinition[] =>
  Object.entries(commands).map(([name, { template, about }]) => {
    const argument = template === undefined ? EXEC_ARGUMENT : TEMPLATE_ARGUMENT
    const said = template === undefined ? 'A bash command line.' : `Data for {arg} in: ${template}`
    return {
      name,
      description: about === '' ? said : about,
      inputSchema: {
        type: 'object',
        properties: { [argument]: { type: 'string', minLength: 1, maxLength: LONGEST, description: said } },
        required: [argument],
        additionalProperties: false,
      },
    }
  })
