import { SallyportError } from '@sallyport/core'

/** Of a body that has to be there as a whole, where nothing else is said, bytes. */
const MOST_OF_ONE = 1 << 22
/** Of all that are held at once, bytes: agents cannot fill the memory of the gateway (T-160). */
const MOST_OF_ALL = 1 << 27

/** Bodies that are held while their request is made ready, counted by how long they may become. */
export class Bodies {
  #held = 0

  /**
   * Room for a body, until it is let go.
   * @throws SallyportError SP_VAULT_BODY
   */
  room(most = MOST_OF_ONE): { readonly most: number; readonly free: () => void } {
    if (this.#held + most > MOST_OF_ALL)
      throw new SallyportError('SP_VAULT_BODY', 'Too many bodies are read at once: come again.')
    this.#held += most
    let isHeld = true
    return {
      most,
      free: () => {
        if (isHeld) this.#held -= most
        isHeld = false
      },
    }
  }
}
