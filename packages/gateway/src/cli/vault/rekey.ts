import { changeAll } from './change-all.ts'

export const run = changeAll('rekey')
