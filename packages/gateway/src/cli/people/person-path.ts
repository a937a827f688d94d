import { SallyportError } from '@sallyport/core'

/** Path of a person's endpoint. @throws SallyportError SP_CLI_USAGE for what is nobody's name */
export function personPath(name: string, act: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,31}$/.test(name))
    throw new SallyportError('SP_CLI_USAGE', 'A name is 1 to 32 characters of a-z, 0-9, ".", "_", "-".')
  return `/api/v1/people/${name}/${act}`
}
