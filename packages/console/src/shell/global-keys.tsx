import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { PAGES } from '../routes.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { keysNow, useKeys, type KeyMap } from './keys.ts'
import { closePanel, openKeys, openPalette, openStop, usePanel } from './open.ts'
import styles from './panels.module.css'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const StopAgents = lazy(async () => ({ default: (await import('./stop-agents.tsx')).StopAgents }))

/** Keys that work on every page, and the panels they open. */
export function GlobalKeys() {
  const navigate = useNavigate()
  const panel = usePanel()
  const go: KeyMap = Object.fromEntries(
    PAGES.flatMap(({ path, nav }) =>
      nav?.key === undefined
        ? []
        : [[`g ${nav.key}`, { say: nav.words, run: () => void navigate({ to: path }) }] as const],
    ),
  )
  useKeys({
    ...go,
    '?': { say: 'Keys of this page', run: openKeys },
    K: { say: 'Stop agents', run: openStop },
    y: { say: 'Copy the link of this view', run: () => void navigator.clipboard.writeText(location.href) },
  })
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey) return
      event.preventDefault()
      openPalette()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
  return (
    <Suspense fallback={null}>
      {panel === 'palette' && <Palette onClose={closePanel} />}
      {panel === 'stop' && <StopAgents onClose={closePanel} />}
      {panel === 'keys' && <KeyList onClose={closePanel} />}
    </Suspense>
  )
}

function KeyList({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys of this page" onClose={onClose}>
      <dl className={styles.keys}>
        {keysNow().map(([key, say]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{say}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
