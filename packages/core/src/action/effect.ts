import type { Json, JsonObject } from '../json/types.ts'
import type { Effect, ToolAnnotation } from './tool.ts'

/** What this very call does: the effect of the tool, or a smaller one that its annotation gives for these arguments. */
export function effectOf(annotation: ToolAnnotation, args: JsonObject): Effect {
  const narrowed = annotation.narrower?.find(({ absent }) => isEmpty(args[absent]))
  return narrowed?.effect ?? annotation.effect
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.every(isEmpty))
