import { isJsonObject, parseJson, type Json, type JsonObject } from '@sallyport/core'

/** A call that the arguments of another describe: `{ tool: 'delete_file', args: { path: '/x' } }`. */
export interface InnerCall {
  readonly name: string
  readonly args: JsonObject
  /** It can hardly be anything else; of the others only those count whose name is that of a tool. */
  readonly surely: boolean
}

/** Members that name a tool, whatever stands beside them. */
const TOOL = /^(?:target|inner|mcp|sub|remote)?[_-]?(?:tool|function)[_-]?(?:name|id)?$|^recipient[_-]?name$/i
/** Members that name a tool where arguments stand beside them, or in a tool that calls others. */
const NAME = /^(?:name|method|action|operation|op|command|capability|endpoint|fn)$/i
/** Members that may name one, and mostly name something else. */
const PERHAPS = /^(?:id|target|path|resource|query)$/i
const ARGS =
  /^(?:tool|function)?[_-]?(?:args|arguments|params|parameters|inputs?|payload|kwargs|data|body|options|json)(?:[_-]?json)?$/i
/** Names of tools that call others. */
const CALLS =
  /(?:^|[._-])(?:call|invoke|run|exec|execute|use|dispatch|proxy|forward|route)[._-]?(?:mcp)?[._-]?(?:tool|function|method|capability)s?$/i

/** Longest name that a tool can have, with the name of its server. */
const LONGEST = 256
/** JSON inside of texts inside of JSON is followed so deep. */
const TEXTS = 3

/** A tool that calls others by its own name (`call_tool`, `useMcpTool`). */
export const callsOthers = (name: string): boolean => CALLS.test(name)

/**
 * Calls inside of the arguments of a call, at any depth and in texts that are JSON. Pure.
 * @param calls the tool calls others
 */
export function innerCalls(args: JsonObject, calls: boolean): readonly InnerCall[] {
  const found: InnerCall[] = []
  const visit = (value: Json, texts: number): void => {
    if (typeof value === 'string') {
      const inside = texts > 0 ? jsonOf(value) : undefined
      if (inside !== undefined) visit(inside, texts - 1)
    } else if (Array.isArray(value)) for (const one of value as readonly Json[]) visit(one, texts)
    else if (isJsonObject(value)) {
      found.push(...callsOf(value, calls, value === args))
      for (const one of Object.values(value)) visit(one, texts)
    }
  }
  visit(args, TEXTS)
  return found
}

/** @param calls the tool calls others · @param top these are its own arguments */
function callsOf(object: JsonObject, calls: boolean, top: boolean): readonly InnerCall[] {
  const members = Object.entries(object)
  const given = members.flatMap(([key, value]) => {
    const args = ARGS.test(key) ? (typeof value === 'string' ? jsonOf(value) : value) : undefined
    return isJsonObject(args) ? [args] : []
  })[0]
  const isCall = calls && (top || given !== undefined)
  return members.flatMap(([key, value]): readonly InnerCall[] => {
    if (typeof value !== 'string' || value === '' || value.length > LONGEST) return []
    const isTool = TOOL.test(key)
    const isName = NAME.test(key)
    if (!isTool && !((isName || PERHAPS.test(key)) && (isCall || given !== undefined))) return []
    const args = given ?? Object.fromEntries(members.filter(([other]) => other !== key))
    return [{ name: value, args, surely: (isCall && (isTool || isName)) || (isTool && given !== undefined) }]
  })
}

function jsonOf(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
