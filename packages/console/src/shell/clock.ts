/** `14:32:10` in the zone of the browser. */
export const clock = (time: number): string =>
  new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** `14:32`, of a time of the gateway. */
export const minute = (time: string): string => clock(Date.parse(time)).slice(0, 5)
