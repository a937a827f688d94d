import { isPersonRole, SallyportError, type PersonRole } from '@sallyport/core'

/** `viewer,policy` → roles. @throws SallyportError SP_CLI_USAGE that names the word */
export function rolesOf(list: string): PersonRole[] {
  const words = list.split(',').map((word) => word.trim())
  return words.map((word) => {
    if (!isPersonRole(word))
      throw new SallyportError(
        'SP_CLI_USAGE',
        `${word.slice(0, 40)} is not viewer, operator, approver, policy or admin.`,
      )
    return word
  })
}
