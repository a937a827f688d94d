import { approval, approvals } from '../../api/approvals.ts'
import { askEarly } from '../../api/query.ts'
import { isWide } from '../../ui/use-wide.ts'
import { isWaiting, sorted, type Summary } from './model.ts'

const PATH = /^\/approvals\/?(?<id>[^/]*)/

/** Asks for the list, and on the page of approvals for the request that is shown beside it. */
export async function askForApprovals({ pathname, search }: Location): Promise<void> {
  const id = PATH.exec(pathname)?.groups?.['id']
  const shown = id === undefined || id === '' ? undefined : askEarly(approval(decodeURIComponent(id)))
  const list = await askEarly(approvals<Summary>())
  const [first] = list === undefined ? [] : sorted(list.items.filter(isWaiting), 'risk')
  if (id === '' && search === '' && isWide() && first !== undefined) await askEarly(approval(first.id))
  await shown
}
