/**
 * What is wrong with a log. `edited` a record's text, hash or number · `deleted` records are gone · `inserted` records
 * were put in · `reordered` · `truncated` the end is gone · `replaced` the records are not the ones that were signed ·
 * `forked` another log was published under the same name · `checkpoint` a head is not genuine or missing · `columns` what
 * queries look at differs from the record · `files` something happened to the files of the store · `assertion` a decision that
 * a passkey is said to have made does not verify.
 */
export type FindingKind =
  | 'edited'
  | 'deleted'
  | 'inserted'
  | 'reordered'
  | 'truncated'
  | 'replaced'
  | 'forked'
  | 'checkpoint'
  | 'columns'
  | 'files'
  | 'assertion'

export interface LogFinding {
  readonly kind: FindingKind
  readonly stream: string
  /** First wrong record; 0 where the finding is about no record. */
  readonly seq: number
  readonly message: string
}
