import { Problem } from '../api/client.ts'

/** What computes the digests that a passkey signs: loaded when there is something to sign. @throws Problem */
export const digests = (): Promise<typeof import('@sallyport/core/approval/digests-web')> =>
  import('@sallyport/core/approval/digests-web').catch(() => {
    throw new Problem(0, {
      title: 'A part of the console could not be loaded.',
      code: 'SP_CONSOLE_PART',
      detail: 'Nothing was signed and nothing was done.',
      next: 'Load the page again: the gateway may have been updated.',
    })
  })
