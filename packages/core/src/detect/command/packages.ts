import { urlsIn } from './hosts.ts'
import { report, type Scene } from './scene.ts'
import { lookAt } from './looks.ts'
import type { Value } from './words.ts'

/** Forges whose repositories are named all the time; asking is enough, but so it must be. */
const ADDRESS =
  /^(?:git\+|git:|ssh:|git@|https?:|ftp:|file:|svn\+|hg\+|bzr\+|github:|gitlab:|bitbucket:|gist:|npm:.*@(?:https?|git))/i

/** A word given to a package manager: a registry name is ordinary, an address is code from anywhere. */
export function judgePackage(value: Value, program: string, scene: Scene): void {
  const { text } = value
  if (ADDRESS.test(text) || / @ (?:https?|git\+)/.test(text) || /@(?:git\+|https?:|github:)/.test(text)) {
    for (const { url, host } of urlsIn(text)) {
      scene.facts.url(url)
      scene.facts.host(host)
    }
    report(scene, 'exec.remote-package', text)
    return
  }
  if (
    /^(?:npm|pnpm|yarn|bun|npx|bunx)$/.test(program) &&
    /^[\w.-]+\/[\w.-]+(?:#.*)?$/.test(text) &&
    !text.startsWith('.')
  ) {
    report(scene, 'exec.remote-package', text)
    return
  }
  if (/^(?:\/tmp|\/var\/tmp|\/dev\/shm|~)\/|^\.\.\/\.\.\//.test(text)) {
    report(scene, 'exec.untrusted-file', text)
    return
  }
  lookAt(value, scene, true)
}
