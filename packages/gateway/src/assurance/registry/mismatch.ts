import { escapeText, SallyportError } from '@sallyport/core'

/** A registry announced one thing, and another came. @throws SallyportError SP_REGISTRY_MISMATCH unless they are equal */
export function requireSame(what: string, announced: string | number, came: string | number | undefined): void {
  if (announced === came) return
  const text = (value: string | number | undefined): string => escapeText(String(value ?? 'nothing').slice(0, 200))
  throw new SallyportError(
    'SP_REGISTRY_MISMATCH',
    `${what}: asked for or announced was "${text(announced)}", "${text(came)}" came.`,
    {
      details: { what },
    },
  )
}
