import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { textOf } from '../host.ts'

/** Its file is `rules/apparmor/sallyport-sandbox`; whoever runs the machine loads it. */
const NAME = 'sallyport-sandbox'

export interface AppArmor {
  /** Profile that a container is started with; undefined where none can be. */
  readonly profile: string | undefined
  readonly unverified: readonly string[]
}

/** What AppArmor adds on this machine (ND-6.1.a). A profile that is not loaded would keep every container from starting. */
export function appArmor(place = '/sys/kernel/security/apparmor'): AppArmor {
  if (!existsSync(place)) return { profile: undefined, unverified: ['AppArmor: this kernel has none'] }
  const isLoaded = textOf(join(place, 'profiles'))
    .split('\n')
    .some((line) => line.startsWith(`${NAME} (`))
  return isLoaded
    ? { profile: NAME, unverified: [] }
    : { profile: undefined, unverified: [`AppArmor: the profile ${NAME} is not loaded, or only root sees it`] }
}
