import { Check, Copy as CopyIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'

export interface CopyProps extends Omit<ButtonProps, 'icon' | 'children' | 'onClick'> {
  readonly text: string
  /** What the button says, e.g. `Copy command`. */
  readonly label: string
  readonly iconOnly?: boolean
}

/** Copies and says so in place for 1.5 s. */
export function Copy({ text, label, iconOnly = false, ...rest }: CopyProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = window.setTimeout(() => setCopied(false), 1500)
    return () => window.clearTimeout(timer)
  }, [copied])
  const icon = copied ? <Check size={14} aria-hidden="true" /> : <CopyIcon size={14} aria-hidden="true" />
  const words = copied ? 'Copied' : label
  return (
    <Button
      small
      {...rest}
      icon={icon}
      {...(iconOnly ? { 'aria-label': words, title: words, kind: 'quiet' } : {})}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {iconOnly ? undefined : words}
    </Button>
  )
}
