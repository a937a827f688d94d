import { useObject } from '../../shell/view.ts'
import { Sessions } from './sessions.tsx'
import { StoryPage } from './story.tsx'

export function Page() {
  const [id] = useObject()
  return id === undefined ? <Sessions /> : <StoryPage id={id} />
}
