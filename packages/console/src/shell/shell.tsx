import { useEffect, type ReactNode } from 'react'
import { live } from '../api/live.ts'
import { useMe } from '../api/me.ts'
import { followLive } from '../api/query.ts'
import { PresenceProvider } from '../presence/provider.tsx'
import { Banners } from './banners.tsx'
import { BottomBar } from './bottom-bar.tsx'
import { GlobalKeys } from './global-keys.tsx'
import { hearKeys } from './keys.ts'
import { SessionEnded } from './session-ended.tsx'
import { Sidebar } from './sidebar.tsx'
import { useWaiting } from './title.ts'
import { useWaitingForMe } from './waiting.ts'
import styles from './shell.module.css'

/** Sidebar, banners and the page; for everybody who is signed in. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { data: me, error } = useMe()
  const signedIn = me !== undefined
  const stranger = error?.status === 401 && !signedIn
  useEffect(() => {
    if (!stranger) return
    const next = location.pathname + location.search
    location.assign(`/sign-in${next === '/' ? '' : `?next=${encodeURIComponent(next)}`}`)
  }, [stranger])
  useEffect(() => {
    if (!signedIn) return
    live.start()
    const unfollow = followLive()
    const deaf = hearKeys()
    return () => {
      deaf()
      unfollow()
      live.stop()
    }
  }, [signedIn])
  const waiting = useWaitingForMe()
  useWaiting(waiting)
  if (stranger) return null
  return (
    <PresenceProvider>
      <a href="#page" className={styles.skip}>
        Skip to the page
      </a>
      <div className={styles.shell}>
        <Sidebar waiting={waiting} />
        <main id="page" tabIndex={-1} className={styles.page}>
          <Banners />
          <div className={styles.content}>{children}</div>
        </main>
        <BottomBar waiting={waiting} />
      </div>
      <GlobalKeys />
      <SessionEnded />
    </PresenceProvider>
  )
}
