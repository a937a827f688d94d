/**
 * What every answer of the console carries: no inline code, no foreign origin, no frame, no sniffing, no referrer
 * (threat-model §3.3). `require-trusted-types-for` makes a DOM injection a type error.
 */
const ALWAYS: Readonly<Record<string, string>> = Object.freeze({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'permissions-policy': [
    'publickey-credentials-get=(self)',
    'publickey-credentials-create=(self)',
    ...['camera', 'microphone', 'geolocation', 'display-capture', 'usb', 'serial', 'hid', 'payment'].map(
      (feature) => `${feature}=()`,
    ),
  ].join(', '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
})

/** Headers of the console; over TLS also the promise to come back over TLS only (RFC 6797). */
export const securityHeaders = (isSecure: boolean): Readonly<Record<string, string>> =>
  isSecure ? { ...ALWAYS, 'strict-transport-security': 'max-age=31536000' } : ALWAYS
