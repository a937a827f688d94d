/**
 * What Git itself writes below `.git`, by the names that it gives: nothing loads it, and each of its commands changes it. Hooks, settings
 * and whatever has another name is a file like any other: who says “run `.git/setup.sh`” means that one.
 */
const NAMES = [
  '(?:[A-Z]+_)?HEAD',
  '(?:COMMIT_EDIT|MERGE_|SQUASH_|TAG_EDIT)MSG',
  'MERGE_MODE|AUTO_MERGE|index|packed-refs|shallow|description',
  'objects/(?:[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?|info/(?:packs|commit-graph))',
  'objects/pack/(?:pack|multi-pack-index)-?[0-9a-f]*(?:\\.(?:pack|idx|rev|bitmap|mtimes|keep|promisor))?',
  'objects/info/commit-graphs/(?:graph-[0-9a-f]+\\.graph|commit-graph-chain)',
  '(?:logs/)?(?:HEAD|refs/stash)',
  '(?:logs/)?refs/(?:heads|tags|remotes)/(?!.*\\.[A-Za-z]{1,5}$).+',
]
const GIT_DATA = new RegExp(`^\\.git/(?:${NAMES.join('|')})$`)

/** @param path below the folder that `.git` lies in */
export const isGitData = (path: string): boolean => GIT_DATA.test(path)
