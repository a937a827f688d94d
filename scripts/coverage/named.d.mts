export interface Named {
  readonly id: string
  readonly file: string
  readonly line: number
}
export function namedIn(file: string, text: string): readonly Named[]
