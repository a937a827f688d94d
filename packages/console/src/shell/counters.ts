/** Numbers beside pages: things that want a look. Zero shows nothing. */
export const useCounters = (): ReadonlyMap<string, number> => NONE
const NONE: ReadonlyMap<string, number> = new Map()
