import type { Machine } from './machine.ts'
import { changed, changedHole, FIT, isHole, mapHoles, type Hole, type Value } from './value.ts'

/** The value with what has been checked of it since it was made. */
export function withChecks(machine: Machine, value: Value): Value {
  if (!machine.state.hasMarks) return value
  const fitNow = (hole: Hole): number => {
    const { state } = machine
    const own = hole.fit | state.fitOf(hole.key)
    return hole.from.length === 0
      ? own
      : own | hole.from.reduce<number>((bits, key) => bits & state.fitOf(key), FIT.all)
  }
  const stays = (one: Value): boolean => one.pieces.every((piece) => !isHole(piece) || fitNow(piece) === piece.fit)
  const items = value.items?.some((item) => !stays(item)) === true
  if (!items && stays(value) && (value.others === undefined || value.others.every((one) => stays(one)))) return value
  const change = (hole: Hole): Hole => changedHole(hole, { fit: fitNow(hole) })
  const checked = mapHoles(value, change)
  return items && value.items !== undefined
    ? changed(checked, { items: value.items.map((item) => mapHoles(item, change)) })
    : checked
}
