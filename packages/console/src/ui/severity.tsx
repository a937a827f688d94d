import { CircleAlert, Info, OctagonAlert, TriangleAlert, type LucideIcon } from 'lucide-react'
import { Chip, type Tone } from './chip.tsx'
import type { Severity } from './severities.ts'

const LOOKS: Readonly<Record<Severity, readonly [string, LucideIcon, Tone]>> = {
  critical: ['Critical', OctagonAlert, 'solid'],
  high: ['High', CircleAlert, 'deny'],
  medium: ['Medium', TriangleAlert, 'ask'],
  low: ['Low', Info, 'grey'],
  info: ['Info', Info, 'grey'],
}

/** A severity by word, shape and colour. */
export function SeverityChip({ severity }: { readonly severity: Severity }) {
  const [word, Icon, tone] = LOOKS[severity]
  return (
    <Chip tone={tone} icon={<Icon size={14} strokeWidth={1.75} aria-hidden="true" />}>
      {word}
    </Chip>
  )
}
