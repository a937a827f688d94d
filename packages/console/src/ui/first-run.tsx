import { Copy } from './copy.tsx'
import { Empty } from './states.tsx'

const COMMAND = 'sallyport run -- claude'

/** No agent has been here: how the first one comes. */
export const FirstRun = ({ children }: { readonly children: string }) => (
  <Empty action={<Copy text={COMMAND} label="Copy command" />}>
    {children} <code>{COMMAND}</code>
  </Empty>
)
