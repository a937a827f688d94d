/**
 * Whom an agent faces (HB-7, SYS-2): `public` strangers, `admin` the people of the house, `local` the developer whose tool it is.
 * Said when an agent is added, and the same for as long as it lives.
 */
export const SURFACES = ['local', 'public', 'admin'] as const
export type Surface = (typeof SURFACES)[number]

export const isSurface = (word: unknown): word is Surface => SURFACES.some((surface) => surface === word)

/** Whom a tool serves (HB-18): the house, strangers, or both. */
export const TOOL_SCOPES = ['internal', 'external', 'both'] as const
export type ToolScope = (typeof TOOL_SCOPES)[number]

const SERVES: ReadonlyMap<ToolScope, ReadonlySet<Surface>> = new Map<ToolScope, ReadonlySet<Surface>>([
  ['internal', new Set<Surface>(['local', 'admin'])],
  ['external', new Set<Surface>(['public'])],
  ['both', new Set(SURFACES)],
])

/** Whether a tool of this scope is for this surface. A word that is neither scope nor surface serves nobody. */
export const serves = (scope: ToolScope, surface: Surface): boolean => SERVES.get(scope)?.has(surface) === true
