import { useEffect } from 'react'
import waitingIcon from '../theme/mark-waiting.svg'
import quietIcon from '../theme/mark.svg'

let page = 'Sallyport'
let waiting = 0

/** Title of the page that is shown; the number of waiting approvals stands before it. */
export function useTitle(title: string): void {
  useEffect(() => {
    page = title
    show()
  }, [title])
}

/** How many approvals wait for this person: in the title, and as a dot on the favicon. */
export function useWaiting(count: number): void {
  useEffect(() => {
    waiting = count
    show()
    document.querySelector('link[rel=icon]')?.setAttribute('href', count > 0 ? waitingIcon : quietIcon)
  }, [count])
}

function show(): void {
  const count = waiting > 99 ? '99+' : String(waiting)
  document.title = `${waiting > 0 ? `(${count}) ` : ''}${page} · Sallyport`
}
