import { encode } from 'uqr'
import styles from './qr.module.css'

/** The quiet zone that readers need, in modules (ISO/IEC 18004, 5.3.8). */
const QUIET = 4

/** An address to open on another device. It is for cameras, so it is black on white in both themes; nothing secret goes into it. */
export function Qr({ address }: { readonly address: string }) {
  const { data, size } = encode(address, { ecc: 'M', border: QUIET })
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg
      role="img"
      aria-label={`QR code of the address ${address}`}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className={styles.code}
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dark} fill="#000" />
    </svg>
  )
}
