let offset = 0

/** The gateway said it is `serverTime` (ms since 1970) now: what the browser's clock is off by. */
export function learnServerTime(serverTime: number): void {
  offset = serverTime - Date.now()
}

/** Now by the gateway's clock, ms since 1970. */
export const serverNow = (): number => Date.now() + offset
