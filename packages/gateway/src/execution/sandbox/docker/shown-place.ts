import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { SYSTEM_PATH } from '../launch.ts'
import { requireOwn } from '../own-directory.ts'
import { leftBehind } from '../processes.ts'

/** An engine finds mounts only where it is itself, so what gets an owner is mounted here until it has been bound. */
const PARENT = '/run/sallyport-shown'

/**
 * As root: an empty directory for what one sandbox is shown with an owner. What a crash left is taken down on the way (HB-141).
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when somebody else has the place
 */
export function makeShownPlace(id: string): string {
  requireOwn(PARENT)
  for (const name of leftBehind(PARENT)) takeDown(join(PARENT, name))
  const place = join(PARENT, `${process.pid}.${id}`)
  mkdirSync(place, { mode: 0o700 })
  return place
}

/** Never removes what is below a mount: that is somebody's work. What cannot be taken down stays for the next start. */
export function takeDown(place: string): void {
  try {
    const targets = readdirSync(place).map((name) => join(place, name))
    if (targets.length > 0) spawnSync('umount', targets, { env: { PATH: SYSTEM_PATH }, stdio: 'ignore' })
    for (const target of targets) (lstatSync(target).isDirectory() ? rmdirSync : unlinkSync)(target)
    rmdirSync(place)
  } catch {
    // still in use, or gone
  }
}
