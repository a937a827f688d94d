import { Problem } from '../api/client.ts'
import { fromBase64Url, fromHex, toBase64Url } from './encoding.ts'

/** What a passkey answered; all base64url. */
export interface PasskeyAssertion {
  readonly credential: string
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
}

/** The human closed the browser's prompt, or it ended by itself; nothing was done. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

/**
 * Lets a passkey sign 32 bytes (hex) after verifying its human.
 * @throws Cancelled when the prompt was closed; Problem where the browser has no passkeys
 */
export async function assertWithPasskey(
  challenge: string,
  allowed: readonly string[],
  signal?: AbortSignal,
): Promise<PasskeyAssertion> {
  const found = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: fromHex(challenge),
        rpId: location.hostname,
        userVerification: 'required',
        timeout: 60_000,
        allowCredentials: allowed.map((id) => ({ type: 'public-key', id: fromBase64Url(id) })),
      },
      ...(signal === undefined ? {} : { signal }),
    }),
  )
  return assertionOf(found)
}

/** The parts of a credential that go to the gateway. */
function assertionOf(found: PublicKeyCredential): PasskeyAssertion {
  const { authenticatorData, clientDataJSON, signature } = found.response as AuthenticatorAssertionResponse
  return {
    credential: found.id,
    authenticatorData: toBase64Url(authenticatorData),
    clientDataJSON: toBase64Url(clientDataJSON),
    signature: toBase64Url(signature),
  }
}

/** Creates a passkey from the gateway's options. @throws Cancelled, Problem */
export async function createPasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<object> {
  const publicKey = await parsed(() => PublicKeyCredential.parseCreationOptionsFromJSON(options))
  return (await asked(() => navigator.credentials.create({ publicKey }))).toJSON() as object
}

/** Signs in with the gateway's options; the browser offers the passkeys it knows. @throws Cancelled, Problem */
export async function signInWithPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<object> {
  const publicKey = await parsed(() => PublicKeyCredential.parseRequestOptionsFromJSON(options))
  return (await asked(() => navigator.credentials.get({ publicKey }))).toJSON() as object
}

// one place that notices a browser without passkeys
const parsed = <T>(read: () => T): Promise<T> =>
  typeof PublicKeyCredential === 'undefined' ? Promise.reject(unsupported()) : Promise.resolve(read())

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (typeof PublicKeyCredential === 'undefined') throw unsupported()
  try {
    const found = await ask()
    if (found === null) throw new Cancelled()
    return found as PublicKeyCredential
  } catch (thrown) {
    if (thrown instanceof DOMException && /^(?:NotAllowed|Abort)Error$/.test(thrown.name)) throw new Cancelled()
    if (thrown instanceof DOMException) throw unusable(thrown)
    throw thrown
  }
}

const unsupported = (): Problem =>
  new Problem(0, {
    title: 'This browser has no passkeys.',
    code: 'SP_CONSOLE_NO_PASSKEY',
    detail: 'Nothing was done.',
    next: 'Use another browser, or sallyport in a terminal.',
  })

const unusable = ({ name, message }: DOMException): Problem =>
  new Problem(0, {
    title: name === 'InvalidStateError' ? 'This device has a passkey already.' : 'The passkey could not be used.',
    code: `SP_CONSOLE_PASSKEY_${name.replace(/Error$/, '').toUpperCase()}`,
    detail: message,
    next: 'Open the console under the name that the gateway printed.',
  })
