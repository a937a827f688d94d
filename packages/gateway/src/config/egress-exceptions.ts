import { inBlock, parseHostRule, SallyportError, type InnerException } from '@sallyport/core'
import type { Config } from './schema.ts'

/**
 * Hosts that may lead inside, as the configuration names them; one whose day is over is none (HB-73).
 * @param now ms since 1970
 * @throws SallyportError SP_CONFIG_INVALID for what is no host or no block of addresses
 */
export function egressExceptions(
  exceptions: Config['egress']['exceptions'],
  now: number,
): { readonly inForce: readonly InnerException[]; readonly over: readonly string[] } {
  const entries = Object.entries(exceptions)
  const isOver = ({ expires }: { readonly expires: string }): boolean => Date.parse(expires) + DAY < now
  return {
    inForce: entries.filter(([, one]) => !isOver(one)).map(([host, { addresses }]) => exceptionOf(host, addresses)),
    over: entries.filter(([, one]) => isOver(one)).map(([host]) => host),
  }
}

const DAY = 86_400_000

function exceptionOf(host: string, blocks: readonly string[]): InnerException {
  try {
    for (const block of blocks) inBlock('127.0.0.1', block)
    return { rule: parseHostRule(host), blocks }
  } catch (cause) {
    throw new SallyportError(
      'SP_CONFIG_INVALID',
      `egress.exceptions: ${JSON.stringify(host)} is not a host with blocks of addresses.`,
      { cause },
    )
  }
}
