import { SallyportError } from '@sallyport/core'
import type { Registries } from '../../config/registries-schema.ts'
import { requestTo, type Client } from './client.ts'
import { withoutQuery } from './get.ts'
import { requireSame } from './mismatch.ts'
import type { Reference } from './reference.ts'
import type { Handed } from './source.ts'

type GithubReference = Extract<Reference, { readonly kind: 'github' }>

/** Fetches the archive of a commit. No hash of it is announced: the commit is in it, and the caller may have a hash of its own. */
export async function fetchGithub(
  at: GithubReference,
  place: NonNullable<Registries['github']>,
  client: Client,
): Promise<Handed> {
  const { owner, repo, commit, path } = at
  const got = await client.bytes({
    ...requestTo(place, `/${owner}/${repo}/tar.gz/${commit}`),
    accept: 'application/x-gzip, application/octet-stream',
    most: client.config.limits.bytes,
  })
  return {
    ...{ version: commit, source: 'github', archive: got.bytes, top: 'always' },
    name: path === undefined ? repo : (path.split('/').at(-1) ?? repo),
    ...(path === undefined ? {} : { under: path }),
    url: withoutQuery(got.url),
    signature: { state: 'absent', why: 'Archives of commits are not signed.' },
    // a commit names one content; the comment of the archive is what says that it is this one
    isAnnounced: true,
    notes: [
      'That the files are those of the commit is the word of the host; its hash holds them from now on.',
      'Not verified: that the commit is of this repository. Hosts serve commits of forks under its name as well.',
    ],
    check: ({ files, comment }) => {
      if (comment === undefined)
        throw new SallyportError('SP_REGISTRY_MISMATCH', 'The archive does not say which commit it is of.', {
          details: { what: 'commit' },
        })
      requireSame('commit', commit, comment)
      return { files, notes: [] }
    },
  }
}
