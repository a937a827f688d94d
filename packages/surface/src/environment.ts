/** Names under which programs are given secrets. */
const SECRET = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|COOKIE|_DSN$|DATABASE_URL|SSH_AUTH_SOCK|^AWS_|^SALLYPORT_/i
/** What `sallyport run` puts in the place of a credential: worth nothing elsewhere. */
const PLACEHOLDER = /^sallyport-lease-[a-z0-9._-]{1,64}$/

/**
 * Variables that look like credentials. A process that strangers talk to is not started with one (HB-22): whatever takes it over
 * reads its own environment first.
 */
export const secretsIn = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(env)
    .filter(([name, value = '']) => SECRET.test(name) && value !== '' && !PLACEHOLDER.test(value))
    .map(([name]) => name)
    .sort()
