import { isJsonObject, type Json, type JsonObject, type RegisteredTool } from '@sallyport/core'
import { pass, refuse, type Verdict } from '../../boundary/ports.ts'

export interface ContentLimits {
  /** UTF-8 bytes of the whole arguments. */
  readonly argumentBytes: number
  /** UTF-16 units of one string. */
  readonly stringLength: number
  /** Scalars and containers together. */
  readonly nodes: number
}

export const CONTENT_LIMITS: ContentLimits = Object.freeze({
  argumentBytes: 1_048_576,
  stringLength: 524_288,
  nodes: 20_000,
})

/** NUL and the other C0 controls but tab, line feed and carriage return; no honest argument holds them. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/
/** Line breaks in a value that names who or where: header injection (T-102). */
const BREAK = /[\r\n]/

/** Size and shape of the arguments, control characters anywhere, line breaks in sinks and selectors. */
export function checkShape(
  tool: RegisteredTool,
  args: JsonObject,
  bytes: number,
  limits: ContentLimits,
): Verdict<null> {
  if (bytes > limits.argumentBytes) {
    return refuse('SP_CONTENT_TOO_LARGE', `The arguments have ${bytes} bytes, the limit is ${limits.argumentBytes}.`)
  }
  return walk(tool, args, limits)
}

function walk(tool: RegisteredTool, args: JsonObject, limits: ContentLimits): Verdict<null> {
  let nodes = 0
  const stack: { readonly value: Json; readonly path: string }[] = [{ value: args, path: '' }]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { value, path } = at
    if (++nodes > limits.nodes)
      return refuse('SP_CONTENT_TOO_LARGE', `The arguments have more than ${limits.nodes} parts.`)
    if (typeof value === 'string') {
      const problem = textProblem(tool, path, value, limits)
      if (problem !== undefined) return problem
    } else if (Array.isArray(value)) {
      for (const item of value as readonly Json[]) stack.push({ value: item, path: `${path}[]` })
    } else if (isJsonObject(value)) {
      for (const key of Object.keys(value)) {
        const member = value[key] as Json
        if (CONTROL.test(key)) return refuse('SP_CONTENT_REFUSED', 'A member name holds a control character.')
        stack.push({ value: member, path: path === '' ? key : `${path}.${key}` })
      }
    }
  }
  return pass(null)
}

function textProblem(
  tool: RegisteredTool,
  path: string,
  text: string,
  limits: ContentLimits,
): Verdict<null> | undefined {
  if (text.length > limits.stringLength)
    return refuse('SP_CONTENT_TOO_LARGE', `${path} is longer than ${limits.stringLength}.`)
  if (CONTROL.test(text)) return refuse('SP_CONTENT_REFUSED', `${path} holds a control character.`)
  const role = tool.annotation.args[path]
  if ((role === 'sink' || role === 'selector') && BREAK.test(text)) {
    return refuse('SP_CONTENT_REFUSED', `${path} names one thing and holds a line break.`)
  }
  return undefined
}
