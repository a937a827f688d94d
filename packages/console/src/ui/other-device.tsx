import { lazy, Suspense, type ReactNode } from 'react'
import styles from './qr.module.css'

const Qr = lazy(async () => ({ default: (await import('./qr.tsx')).Qr }))

/** Names that every machine takes for itself (RFC 6761, 6.3). */
const isHere = (host: string): boolean => /(?:^|\.)localhost$|^127\.|^\[::1\]$/.test(host)

/** An address to open on another device, for its camera; with a sentence where only this machine has it. */
export function OtherDevice({ address, children }: { readonly address: string; readonly children: ReactNode }) {
  return (
    <div className={styles.place}>
      <Suspense fallback={null}>
        <Qr address={address} />
      </Suspense>
      <div className={styles.words}>
        {children}
        {isHere(new URL(address).hostname) && (
          <p>
            This name leads to this machine only. For another device, give the console a name that it can reach:{' '}
            <code>console.name</code> and <code>console.bind</code>.
          </p>
        )}
      </div>
    </div>
  )
}
