import { ME } from './api/me.ts'
import { askEarly } from './api/query.ts'
import { askForApprovals } from './pages/approvals/early.ts'
import { router } from './router.tsx'
import { isBare } from './routes.tsx'

/** After so many ms a page that is still empty is better than none. */
const PATIENCE_MS = 300

/** What the first picture shows is asked for before anything is drawn, so that it is drawn once and whole. Never rejects. */
export async function firstPicture(): Promise<void> {
  if (isBare(location.pathname)) return
  const whole = Promise.all([router.load(), askEarly(ME), askForApprovals(location)])
  await Promise.race([whole, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]).catch(() => undefined)
}
