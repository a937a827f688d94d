import { Text } from 'ink'
import type { ReactNode } from 'react'
import { useLook } from './look.ts'

/** Secondary facts. */
export function Dim({ children }: { readonly children: ReactNode }) {
  const { paint } = useLook()
  return <Text {...paint('dim')}>{children}</Text>
}
