import { specifiedTool, TOOL_GROUPS, UNCLASSIFIED, type ToolForPolicy } from '@sallyport/core'

/** A registry to check policies against where there is none: the tools that the specification names, and a few more kinds. */
export function sampleTools(): readonly ToolForPolicy[] {
  const named = Object.values(TOOL_GROUPS).flatMap(({ tools }) => Object.keys(tools))
  const tool = (name: string, annotation = specifiedTool(name) ?? UNCLASSIFIED, annotated = true): ToolForPolicy => ({
    id: `sample.${name}`,
    server: 'sample',
    name,
    elevated: false,
    annotation,
    annotated,
    definition: {
      inputSchema: { type: 'object', properties: { text: { type: 'string' }, count: { type: 'integer' } } },
    },
  })
  return [
    ...named.map((name) => tool(name)),
    tool('delete', { effect: 'write', groups: ['group:fs'], args: {}, irreversible: true, persist: false }),
    tool('unclassified', UNCLASSIFIED, false),
  ]
}
