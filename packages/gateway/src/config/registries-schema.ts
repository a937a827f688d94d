import { z } from 'zod'
import { duration } from './parts.ts'

const host = z.string().regex(/^[a-z0-9.-]+(?::\d{1,5})?$/, '`host` or `host:port`')
const base = z
  .url({ protocol: /^https?$/ })
  .refine(
    (text) => /^https:\/\/|^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/.test(text),
    'a registry speaks HTTPS; HTTP is for one on this machine',
  )
  .refine((text) => !/[?#@]/.test(text), 'without query, fragment and user name')

const place = {
  url: base.describe('Base URL, without the paths of the API.'),
  downloads: z
    .array(host)
    .max(16)
    .default([])
    .describe('Hosts besides its own that files of it may lie on. It leads nowhere else.'),
  token: z.string().min(1).optional().describe('Bearer token, as ${env:NAME}. It goes to the host of `url` only.'),
}

const signatures = z
  .enum(['checked', 'required'])
  .default('checked')
  .describe(
    '`required`: what has no signature that holds is refused. A signature that does not hold is always refused.',
  )

/** Bytes. SYS-9. */
const MOST = 52_428_800
const KEY = /^[A-Za-z0-9+/]{43}=$/
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** `npm:NAME`, `npm:@SCOPE/`, `npm:@SCOPE/NAME`, or the beginning of a URL. */
const SIGNED = /^(?:npm:(?:@[\w.~-]+\/)?[\w.~-]+|npm:@[\w.~-]+\/|https:\/\/[^/]+\/(?:.*\/)?)$/
/** A beginning goes as far as an owner, at least: the name of a host alone would be everybody there. */
const BEGINNING = /^https:\/\/[^/@\s]+\/[^/@\s]+\/(?:\S*[/@])?$/

/** What lies at a URL is known by its usual form: another one would never be met, and what it is for never be checked. */
const isNormal = (url: string): boolean => URL.canParse(url) && new URL(url).href === url
const NORMAL = 'write the URL in its usual form: host in small letters, no `:443`, no `..`'

/** Signatures by people and workflows that an authority vouches for (HB-36). Nothing of it is fetched. */
const sigstore = z
  .strictObject({
    trustedRoot: z
      .string()
      .min(1)
      .optional()
      .describe(
        '`trusted_root.json` of the authorities and logs that count, beside this file or by its whole path. Without it bundles of sigstore stay unverified. It is never fetched and never updated.',
      ),
    identities: z
      .record(
        z.string().regex(NAME),
        z.strictObject({
          issuer: z
            .string()
            .regex(/^https:\/\/[^\s?#]{3,500}$/, 'the URL of who knows it, as certificates have it')
            .describe('Who knows the signer, exactly: `https://token.actions.githubusercontent.com`.'),
          subject: z
            .string()
            .regex(/^\S{3,1000}$/, 'without spaces')
            .refine((one) => !/[/@]$/.test(one) || BEGINNING.test(one), 'a beginning names an owner, at least')
            .describe(
              'The signer: exactly the name in the certificate, or a beginning of it that ends with `/` or `@`, such as `https://github.com/acme/tools/.github/workflows/release.yml@`.',
            ),
          of: z
            .array(
              z
                .string()
                .max(2_048)
                .regex(SIGNED, '`npm:NAME`, `npm:@SCOPE/`, or a URL that ends with `/`')
                .refine((one) => one.startsWith('npm:') || isNormal(one), NORMAL),
            )
            .min(1)
            .max(256)
            .describe('What it may sign for: packages of npm by name or scope, and beginnings of URLs of archives.'),
        }),
      )
      .default({})
      .describe('Who may sign for what. No identity is trusted because it came first.'),
  })
  .prefault({})
  .describe('Bundles of sigstore: attestations of npm, and `URL.sigstore.json` beside archives.')

/** Where bundles may be fetched from (HB-36). Nothing is until it is named. */
export const registriesSchema = z
  .strictObject({
    clawhub: z.strictObject(place).optional().describe('A registry with the API of ClawHub, for `clawhub:`.'),
    npm: z
      .strictObject({
        ...place,
        signatures,
        keys: z
          .array(
            z.strictObject({
              id: z.string().min(1).max(128).describe('`keyid` of the signatures.'),
              key: z.base64().min(64).describe('Public key, ECDSA P-256, as base64 of its SubjectPublicKeyInfo.'),
              expires: z.iso.date().optional().describe('Last day that the key counts.'),
            }),
          )
          .max(16)
          .default([])
          .describe('Keys that the registry signs with. They are never taken from the registry itself.'),
      })
      .optional()
      .describe('A registry of npm packages, for `npm:`.'),
    github: z
      .strictObject({
        ...place,
        url: base.default('https://codeload.github.com').describe('Where archives of commits are.'),
        api: base.default('https://api.github.com').describe('Where names of branches are resolved to commits.'),
      })
      .optional()
      .describe('Archives of commits, for `github:`.'),
    archives: z
      .strictObject({
        hosts: z.array(host).max(64).default([]).describe('Hosts that archives may come from.'),
        signatures,
      })
      .prefault({})
      .describe('Archives by URL and hash, for `https://…#sha256=…`.'),
    publishers: z
      .record(
        z.string().regex(NAME),
        z.strictObject({
          key: z.string().regex(KEY, 'a raw Ed25519 public key, 32 bytes in base64'),
          of: z
            .array(z.string().startsWith('https://').min(12).refine(isNormal, NORMAL))
            .min(1)
            .describe('Beginnings of the URLs that the publisher may sign for, each with the `/` that ends it.')
            .refine((all) => all.every((one) => /^https:\/\/[^/]+\/(?:.*\/)?$/.test(one)), 'end it with `/`'),
        }),
      )
      .default({})
      .describe(
        'Publishers whose Ed25519 signatures (`URL.sig`: 64 bytes, or their base64) of archives are checked. No key is trusted because it came first.',
      ),
    sigstore,
    limits: z
      .strictObject({
        bytes: z.number().int().min(1024).max(MOST).default(MOST).describe('Of an archive as it is sent.'),
        unpacked: z.number().int().min(1024).max(256_000_000).default(256_000_000).describe('Of all files in it.'),
        files: z.number().int().min(1).max(20_000).default(10_000),
        ratio: z.number().min(2).max(1000).default(200).describe('Unpacked ÷ packed, from 1 MB on.'),
        json: z.number().int().min(1024).max(16_777_216).default(4_194_304).describe('Of a description.'),
        time: duration.default(120_000).describe('For everything that one bundle needs.'),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('Where skills and plugins may be fetched from. Nothing is fetched from a place that is not named here.')

export type Registries = z.infer<typeof registriesSchema>
