import { changedHole, LEVEL, levelOf, mapHoles, type Value } from './value.ts'

/** What whoever sets an object up gives it, unlike the data that it is made for. */
const OF_SETUP =
  /root|dir|folder|home|stor|workspace|conf|cfg|opt|setting|prefix|registry|bin(?:ary)?(?:@|$)|location|mount|te?mp|cache|log|db|database|conn|client|pool|session|parent|table|schema|scope|model|env|tool|service|default|base_?(?:dir|path|ur[il])|api_?(?:ur[il]|base|root)/i

/** What an object keeps is no longer what a caller passes. */
export const ofObject = (value: Value): Value =>
  levelOf(value) < LEVEL.free || levelOf(value) === LEVEL.input
    ? value
    : mapHoles(value, (hole) =>
        hole.level > LEVEL.opaque && hole.level < LEVEL.input && OF_SETUP.test(hole.key)
          ? changedHole(hole, { level: LEVEL.opaque })
          : hole,
      )
