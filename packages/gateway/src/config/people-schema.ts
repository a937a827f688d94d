import { z } from 'zod'

const role = z.enum(['viewer', 'operator', 'approver', 'policy', 'admin'])

/** Ways into the console beside passkeys; members of `console`. */
export const signInMembers = {
  password: z
    .boolean()
    .default(false)
    .describe('Whether people may sign in with a password (12 or more characters). It shows; deciding needs a proof.'),
  oidc: z
    .strictObject({
      issuer: z.url({ protocol: /^https?$/ }).describe('Issuer, whose discovery document names the rest.'),
      clientId: z.string().min(1),
      clientSecret: z.string().min(1).optional().describe('As ${env:NAME}; absent for a public client.'),
      title: z.string().min(1).max(40).default('Company sign-in').describe('What the button says.'),
      nameClaim: z.string().min(1).default('preferred_username').describe('Claim that people are named by here.'),
      groupsClaim: z.string().min(1).default('groups').describe('Claim that holds the groups of a person.'),
      scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).default(['openid', 'profile']),
      roles: z
        .record(z.string(), z.array(role).min(1))
        .describe('Group → roles. Whoever is in none of these groups does not get in.'),
    })
    .refine(({ issuer }) => issuer.startsWith('https:') || isLoopback(issuer), 'an issuer needs https')
    .optional()
    .describe(
      'Sign-in by an OpenID Connect provider: authorization code with PKCE. Its address must be one the gateway may reach (`egress.exceptions`).',
    ),
}

const isLoopback = (url: string): boolean =>
  URL.canParse(url) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
