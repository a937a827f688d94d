interface Registration {
  readonly response?: { readonly publicKey?: string; readonly authenticatorData?: string }
}

/** What an existing passkey agrees to when another one is enrolled: its public key, and the model of its device. */
export function enrolled(response: object): { readonly publicKey: string; readonly aaguid: string } {
  const { publicKey = '', authenticatorData = '' } = (response as Registration).response ?? {}
  return { publicKey, aaguid: aaguidOf(authenticatorData) }
}

/** Bytes 37 to 52 of the authenticator data (WebAuthn 3, §6.1) as a UUID. */
function aaguidOf(authenticatorData: string): string {
  const text = atob(authenticatorData.replaceAll('-', '+').replaceAll('_', '/'))
  const hex = Array.from(text.slice(37, 53), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
