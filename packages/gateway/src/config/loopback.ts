/** The addresses that only this machine reaches, as a configuration may bind them. */
export const isLoopback = (address: string): boolean => address === '127.0.0.1' || address === '::1'
