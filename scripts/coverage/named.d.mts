export interface Named {
  readonly id: string
  readonly file: string
  readonly line: number
}
export function namedIn(file: string, text: string): readonly Named[]
export function namedUnder(root: string): ReadonlyMap<string, readonly Omit<Named, 'id'>[]>
